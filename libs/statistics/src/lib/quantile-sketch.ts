/** Values of a level before it is halved, of which each stands for 2^level others. */
const levelValues = 4096;
/** Of the least and of the greatest values so many are kept as they are. */
const tailValues = 1024;

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
  readonly #levels: number[][] = [[]];
  readonly #halved: number[] = [];
  #least: number[] = [];
  #greatest: number[] = [];
  #leastBelow = Infinity;
  #greatestAbove = -Infinity;

  static from(summaries: Iterable<QuantileSummary>): QuantileSketch {
    const sketch = new QuantileSketch();
    for (const summary of summaries) sketch.merge(summary);
    return sketch;
  }

  get count(): number {
    return this.#count;
  }

  /** Numbers that are finite or infinite, not NaN. */
  add(value: number): void {
    this.#count += 1;
    if (value < this.#leastBelow) this.#addLeast(value);
    if (value > this.#greatestAbove) this.#addGreatest(value);
    const level = this.#levels[0] as number[];
    level.push(value);
    if (level.length === levelValues) this.#halve(0);
  }

  merge({ count, least, greatest, levels }: QuantileSummary): void {
    this.#count += count;
    for (const value of least) if (value < this.#leastBelow) this.#addLeast(value);
    for (const value of greatest) if (value > this.#greatestAbove) this.#addGreatest(value);
    for (const [index, values] of levels.entries())
      for (const value of values) {
        const level = (this.#levels[index] ??= []);
        level.push(value);
        if (level.length === levelValues) this.#halve(index);
      }
  }

  summary(): QuantileSummary {
    const ends = { least: ascending(this.#least), greatest: ascending(this.#greatest) };
    return {
      count: this.#count,
      least: ends.least.slice(0, tailValues),
      greatest: ends.greatest.slice(-tailValues),
      levels: this.#levels.map((level) => [...level]),
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

  #halve(index: number): void {
    const level = this.#levels[index] as number[];
    const values = ascending(level.splice(0));
    const above = (this.#levels[index + 1] ??= []);
    const halved = this.#halved[index] ?? 0;
    this.#halved[index] = halved + 1;
    for (let at = halved % 2; at < values.length; at += 2) {
      above.push(values[at] as number);
      if (above.length === levelValues) this.#halve(index + 1);
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

function ascending(values: readonly number[]): number[] {
  return [...Float64Array.from(values).sort()];
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
