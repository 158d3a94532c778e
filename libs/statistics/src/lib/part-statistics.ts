import type { ColumnType } from '@adstocrat/examples';
import { type DistinctSketch, MergedDistinct } from './distinct-sketch.ts';
import { mergeMoments, type PartMoments } from './moments.ts';
import { QuantileSketch, type QuantileSummary } from './quantile-sketch.ts';
import { type ColumnStatistics, decileProbabilities, type SpanStatistics, topTerms } from './span-statistics.ts';

/** Terms of a column that a part names: of those that a span names many may be rare in one part. */
export const partTerms = 4 * topTerms;

/** Numbers of a column in a part. */
export interface PartNumbers {
  readonly moments: PartMoments;
  readonly quantiles: QuantileSummary;
}

/** Statistics of a part of the rows, from which those of all are made. */
export interface PartStatistics {
  readonly rows: number;
  readonly positives: number;
  readonly columns: readonly PartColumn[];
}

export interface PartColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly present: number;
  readonly numbers?: PartNumbers;
  /** The most frequent values, at most {@link partTerms}, and how many there are. */
  readonly terms?: {
    readonly top: readonly { readonly value: string; readonly count: number }[];
    readonly distinct: DistinctSketch;
  };
}

/**
 * Statistics over all parts. Counts, moments and extremes are exact; deciles as {@link QuantileSketch} has them; frequent values are
 * exact where no part has more than {@link partTerms} different ones, else one that is rare in a part may count too little there.
 */
export function mergeStatistics(parts: readonly PartStatistics[]): SpanStatistics {
  const merged = new MergedStatistics();
  for (const part of parts) merged.add(part);
  return merged.value;
}

/** {@link mergeStatistics}, a part after the other: no more is held than of one, but for the frequent values. */
export class MergedStatistics {
  #rows = 0;
  #positives = 0;
  readonly #columns: MergedColumn[] = [];

  add({ rows, positives, columns }: PartStatistics): void {
    this.#rows += rows;
    this.#positives += positives;
    for (const [index, column] of columns.entries()) (this.#columns[index] ??= new MergedColumn(column)).add(column);
  }

  get value(): SpanStatistics {
    const columns = this.#columns.map((column) => column.statistics(this.#rows));
    return { version: 1, rows: this.#rows, positives: this.#positives, columns };
  }
}

class MergedColumn {
  readonly #column: Pick<PartColumn, 'name' | 'type'>;
  #present = 0;
  #moments = mergeMoments([]);
  readonly #quantiles = new QuantileSketch();
  #hasTerms = false;
  readonly #terms = new MergedTerms();
  readonly #distinct = new MergedDistinct();

  constructor(column: PartColumn) {
    this.#column = column;
  }

  add({ present, numbers, terms }: PartColumn): void {
    this.#present += present;
    if (numbers !== undefined) {
      this.#moments = mergeMoments([this.#moments, numbers.moments]);
      this.#quantiles.merge(numbers.quantiles);
    }
    if (terms === undefined) return;
    this.#hasTerms = true;
    this.#terms.add(terms.top);
    this.#distinct.add(terms.distinct);
  }

  statistics(rows: number): ColumnStatistics {
    const { name, type } = this.#column;
    const { count, mean, deviation, min, max } = this.#moments;
    const deciles = count === 0 ? [] : this.#quantiles.quantiles(decileProbabilities);
    const distinct = this.#distinct.value.distinct;
    return {
      name,
      type,
      present: this.#present,
      missing: rows - this.#present,
      ...(count === 0 ? {} : { numeric: { mean, deviation, min, max, deciles } }),
      ...(this.#hasTerms ? { categorical: { distinct, top: this.#terms.value.slice(0, topTerms) } } : {}),
    };
  }
}

interface Term {
  readonly value: string;
  readonly count: number;
}

/** Counts of the same values of several lists together, by count descending, then by UTF-8 bytes ascending. One list is its own. */
export class MergedTerms {
  #lists = 0;
  #first: readonly Term[] = [];
  readonly #counts = new Map<string, number>();

  add(list: readonly Term[]): void {
    if (this.#lists === 0) this.#first = list;
    this.#lists += 1;
    for (const { value, count } of list) this.#counts.set(value, (this.#counts.get(value) ?? 0) + count);
  }

  get value(): readonly Term[] {
    if (this.#lists === 1) return this.#first;
    const encoder = new TextEncoder();
    return Array.from(this.#counts, ([value, count]) => ({ value, count, bytes: encoder.encode(value) }))
      .sort((a, b) => b.count - a.count || compareBytes(a.bytes, b.bytes))
      .map(({ value, count }) => ({ value, count }));
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length && at < b.length; at += 1) if (a[at] !== b[at]) return (a[at] ?? 0) - (b[at] ?? 0);
  return a.length - b.length;
}
