import type { ColumnType } from '@adstocrat/examples';
import { type DistinctSketch, mergeDistinct } from './distinct-sketch.ts';
import { type PartMoments, mergeMoments } from './moments.ts';
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
  const sum = (of: (part: PartStatistics) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const rows = sum((part) => part.rows);
  const columns = (parts[0]?.columns ?? []).map(({ name, type }, index): ColumnStatistics => {
    const own = parts.flatMap((part) => part.columns[index] ?? []);
    const present = own.reduce((total, column) => total + column.present, 0);
    const numbers = own.flatMap((column) => column.numbers ?? []);
    const terms = own.flatMap((column) => column.terms ?? []);
    const moments = mergeMoments(numbers.map((one) => one.moments));
    return {
      name,
      type,
      present,
      missing: rows - present,
      ...(moments.count === 0
        ? {}
        : {
            numeric: {
              mean: moments.mean,
              deviation: moments.deviation,
              min: moments.min,
              max: moments.max,
              deciles: QuantileSketch.from(numbers.map((one) => one.quantiles)).quantiles(decileProbabilities),
            },
          }),
      ...(terms.length === 0
        ? {}
        : {
            categorical: {
              distinct: mergeDistinct(terms.map(({ distinct }) => distinct)).distinct,
              top: mergeTerms(terms.map(({ top }) => top)).slice(0, topTerms),
            },
          }),
    };
  });
  return { version: 1, rows, positives: sum((part) => part.positives), columns };
}

interface Term {
  readonly value: string;
  readonly count: number;
}

/** Counts of the same values together, by count descending, then by UTF-8 bytes ascending. One list is its own. */
export function mergeTerms(lists: readonly (readonly Term[])[]): readonly Term[] {
  const [only] = lists;
  if (only !== undefined && lists.length === 1) return only;
  const counts = new Map<string, number>();
  for (const list of lists) for (const { value, count } of list) counts.set(value, (counts.get(value) ?? 0) + count);
  const encoder = new TextEncoder();
  return Array.from(counts, ([value, count]) => ({ value, count, bytes: encoder.encode(value) }))
    .sort((a, b) => b.count - a.count || compareBytes(a.bytes, b.bytes))
    .map(({ value, count }) => ({ value, count }));
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length && at < b.length; at += 1) if (a[at] !== b[at]) return (a[at] ?? 0) - (b[at] ?? 0);
  return a.length - b.length;
}
