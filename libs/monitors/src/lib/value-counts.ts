import { jensenShannonBits } from '@adstocrat/data-validation';
import type { ColumnStatistics } from '@adstocrat/statistics';

/** A cell as it was served; null and undefined are missing. */
export type Value = string | number | null | undefined;

const missing = '\u0000missing';
const other = '\u0000other';

/**
 * How often the values of one column occur, in the categories that a span's statistics name: its most frequent values, "other"
 * and missing; for numbers without such, the ranges between its deciles and missing.
 */
export class ValueCounts {
  readonly #categoryOf: (value: Exclude<Value, null | undefined>) => string;
  readonly #counts = new Map<string, number>();
  rows = 0;

  private constructor(categoryOf: (value: Exclude<Value, null | undefined>) => string) {
    this.#categoryOf = categoryOf;
  }

  /** Empty counts in a column's categories; undefined where the statistics give none to count in. */
  static of(statistics: ColumnStatistics): ValueCounts | undefined {
    const { categorical, numeric, type } = statistics;
    if (categorical !== undefined && (type === 'string' || categorical.distinct === categorical.top.length)) {
      const known = new Set(categorical.top.map(({ value }) => value));
      return new ValueCounts((value) => (known.has(String(value)) ? String(value) : other));
    }
    if (numeric === undefined) return undefined;
    const edges = [...new Set(numeric.deciles.slice(1, -1))];
    return new ValueCounts((value) => {
      const number = Number(value);
      return String(edges.filter((edge) => edge < number).length);
    });
  }

  /** The statistics' own rows in these categories. The tenths of a number are tenths only where no value is frequent. */
  static ofSpan(statistics: ColumnStatistics): ValueCounts | undefined {
    const counts = ValueCounts.of(statistics);
    if (counts === undefined) return undefined;
    const { categorical, numeric, present, type } = statistics;
    const put = (category: string, count: number): void => {
      if (count > 0) counts.#counts.set(category, (counts.#counts.get(category) ?? 0) + count);
    };
    put(missing, statistics.missing);
    if (categorical !== undefined && (type === 'string' || categorical.distinct === categorical.top.length)) {
      for (const { value, count } of categorical.top) put(value, count);
      put(other, present - categorical.top.reduce((sum, { count }) => sum + count, 0));
    } else if (numeric !== undefined) {
      for (const decile of numeric.deciles.slice(1)) put(counts.#categoryOf(decile), present / 10);
    }
    counts.rows = present + statistics.missing;
    return counts;
  }

  add(value: Value): void {
    const category =
      value === null || value === undefined || value === '' || Number.isNaN(value) ? missing : this.#categoryOf(value);
    this.#counts.set(category, (this.#counts.get(category) ?? 0) + 1);
    this.rows += 1;
  }

  /** Adds what {@link histogram} gave, from counts of the same column in the same categories. */
  merge(counts: Iterable<readonly [string, number]>): void {
    for (const [category, count] of counts) {
      this.#counts.set(category, (this.#counts.get(category) ?? 0) + count);
      this.rows += count;
    }
  }

  /** Category → rows. */
  get histogram(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}

/** Jensen–Shannon divergence of two counts of one column in bits, 0 to 1. */
export function divergenceBits(a: ValueCounts, b: ValueCounts): number {
  return jensenShannonBits(a.histogram, b.histogram);
}
