import { sortNumbers } from './sort-numbers.ts';

/** Values of a level before it is halved, of which each stands for 2^level others. */
const levelValues = 4096;
/** Of the least and of the greatest values so many are kept as they are. */
const tailValues = 1024;

/** The first `used` of the values of a level, and how many times it was halved. */
interface Level {
  readonly values: Float64Array<ArrayBuffer>;
  used: number;
  halved: number;
}

/** A {@link QuantileSketch} as plain data. */
export interface QuantileSummary {
  readonly count: number;
  /** The least values, ascending, and the greatest, ascending. */
  readonly least: readonly number[];
  readonly greatest: readonly number[];
  /** Values of each level, unordered. */
  readonly levels: readonly (readonly number[])[];
}

/**
 * Quantiles of any number of numbers in bounded memory, mergeable. The same numbers in the same order, merged in the same order, give the
 * same answers. Exact for up to 4096 numbers and in the 1,024 at either end; else the rank of an answer is wrong by at most
 * log2(count / 2048) / 4096 of the count, and by far less where the numbers come in no contrived order.
 *
 * A full level is sorted and every other value of it goes up, where it stands for twice as many: first the odd ones, then the even ones.
 * Source: J. I. Munro, M. S. Paterson, "Selection and Sorting with Limited Storage", Theoretical Computer Science 12, 1980.
 */
export class QuantileSketch {
  #count = 0;
  readonly #levels: Level[] = [];
  /** The first of them, which every value goes through. */
  #lowest: Level;
  /** At either end the first places hold what is kept, the others what came since they were last sorted. */
  readonly #least = new Float64Array(2 * tailValues);
  readonly #greatest = new Float64Array(2 * tailValues);
  #leastUsed = 0;
  #greatestUsed = 0;
  #leastBelow = Infinity;
  #greatestAbove = -Infinity;

  constructor() {
    this.#lowest = this.#level(0);
  }

  static from(summaries: Iterable<QuantileSummary>): QuantileSketch {
    const sketch = new QuantileSketch();
    for (const summary of summaries) sketch.merge(summary);
    return sketch;
  }

  get count(): number {
    return this.#count;
  }

  /** One after the other; NaN is missing. */
  addAll(values: ArrayLike<number>): void {
    const level = this.#lowest;
    for (let at = 0; at < values.length; at += 1) {
      const value = values[at] as number;
      if (Number.isNaN(value)) continue;
      this.#count += 1;
      if (value < this.#leastBelow) this.#addLeast(value);
      if (value > this.#greatestAbove) this.#addGreatest(value);
      level.values[level.used++] = value;
      if (level.used === levelValues) this.#halve(0);
    }
  }

  merge({ count, least, greatest, levels }: QuantileSummary): void {
    this.#count += count;
    for (const value of least) if (value < this.#leastBelow) this.#addLeast(value);
    for (const value of greatest) if (value > this.#greatestAbove) this.#addGreatest(value);
    for (const [index, values] of levels.entries()) {
      const level = this.#level(index);
      for (const value of values) {
        level.values[level.used++] = value;
        if (level.used === levelValues) this.#halve(index);
      }
    }
  }

  summary(): QuantileSummary {
    const [least, greatest] = [this.#least.slice(0, this.#leastUsed), this.#greatest.slice(0, this.#greatestUsed)];
    return {
      count: this.#count,
      least: Array.from(ascending(least).subarray(0, tailValues)),
      greatest: Array.from(ascending(greatest).subarray(-tailValues)),
      levels: this.#levels.map(({ values, used }) => Array.from(values.subarray(0, used))),
    };
  }

  /**
   * Values at these probabilities (nearest rank: each is a value that was added). Throws `RangeError` without any value.
   */
  quantiles(probabilities: readonly number[]): readonly number[] {
    const { count, least, greatest, levels } = this.summary();
    if (count === 0) throw new RangeError('no values have no quantiles');
    const held = levels
      .flatMap((level, index) => level.map((value) => ({ value, weight: 2 ** index })))
      .sort((a, b) => a.value - b.value);
    const upTo: number[] = [];
    let sum = 0;
    for (const { weight } of held) upTo.push((sum += weight));
    return probabilities.map((probability) => {
      const rank = Math.max(1, count - Math.floor(count - probability * count)) - 1;
      const fromEnd = greatest[rank - (count - greatest.length)];
      const between = held[firstAbove(upTo, rank)]?.value;
      return least[rank] ?? fromEnd ?? between ?? NaN;
    });
  }

  #level(index: number): Level {
    while (this.#levels.length <= index)
      this.#levels.push({ values: new Float64Array(levelValues), used: 0, halved: 0 });
    return this.#levels[index] as Level;
  }

  #halve(index: number): void {
    const level = this.#level(index);
    const values = sorted(level.values);
    const above = this.#level(index + 1);
    const first = level.halved % 2;
    level.used = 0;
    level.halved += 1;
    for (let at = first; at < levelValues; at += 2) {
      above.values[above.used++] = values[at] as number;
      if (above.used === levelValues) this.#halve(index + 1);
    }
  }

  #addLeast(value: number): void {
    const least = this.#least;
    least[this.#leastUsed++] = value;
    if (this.#leastUsed < least.length) return;
    ascending(least);
    this.#leastUsed = tailValues;
    this.#leastBelow = least[tailValues - 1] as number;
  }

  #addGreatest(value: number): void {
    const greatest = this.#greatest;
    greatest[this.#greatestUsed++] = value;
    if (this.#greatestUsed < greatest.length) return;
    ascending(greatest).copyWithin(0, tailValues);
    this.#greatestUsed = tailValues;
    this.#greatestAbove = greatest[0] as number;
  }
}

/** Sorts values, which are two halves in order wherever they came from the level below. */
function sorted(values: Float64Array<ArrayBuffer>): Float64Array {
  const middle = values.length / 2;
  if (!isAscending(values, 0, middle) || !isAscending(values, middle, values.length)) return sortNumbers(values);
  const merged = new Float64Array(values.length);
  for (let [left, right, at] = [0, middle, 0]; at < values.length; at += 1) {
    const isLeft = right === values.length || (left < middle && (values[left] as number) <= (values[right] as number));
    merged[at] = values[isLeft ? left++ : right++] as number;
  }
  return merged;
}

function isAscending(values: Float64Array, from: number, to: number): boolean {
  for (let at = from + 1; at < to; at += 1) if ((values[at - 1] as number) > (values[at] as number)) return false;
  return true;
}

/** Sorts values in place: what comes in order, as times do, is not sorted again. */
function ascending(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  return isAscending(values, 0, values.length) ? values : sortNumbers(values);
}

/** The first index whose sum is above the rank. */
function firstAbove(sums: readonly number[], rank: number): number {
  let [low, high] = [0, sums.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sums[middle] as number) > rank) high = middle;
    else low = middle + 1;
  }
  return low;
}
