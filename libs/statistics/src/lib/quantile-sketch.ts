/** Values of a level before it is halved, of which each stands for 2^level others. */
const levelValues = 4096;
/** Of the least and of the greatest values so many are kept as they are. */
const tailValues = 1024;

/** The first `used` of the values of a level, and how many times it was halved. */
interface Level {
  readonly values: Float64Array;
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
  #least: number[] = [];
  #greatest: number[] = [];
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
    const ends = { least: ascending(this.#least), greatest: ascending(this.#greatest) };
    return {
      count: this.#count,
      least: ends.least.slice(0, tailValues),
      greatest: ends.greatest.slice(-tailValues),
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
    this.#least.push(value);
    if (this.#least.length < 2 * tailValues) return;
    this.#least = ascending(this.#least).slice(0, tailValues);
    this.#leastBelow = this.#least.at(-1) ?? Infinity;
  }

  #addGreatest(value: number): void {
    this.#greatest.push(value);
    if (this.#greatest.length < 2 * tailValues) return;
    this.#greatest = ascending(this.#greatest).slice(-tailValues);
    this.#greatestAbove = this.#greatest[0] ?? -Infinity;
  }
}

/** Sorts values, which are two halves in order wherever they came from the level below. */
function sorted(values: Float64Array): Float64Array {
  const middle = values.length / 2;
  if (!isAscending(values, 0, middle) || !isAscending(values, middle, values.length)) return values.sort();
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

function ascending(values: readonly number[]): number[] {
  return Array.from(Float64Array.from(values).sort());
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
