import type { ColumnType } from '@adstocrat/examples';

/** `statistics.json` of a span: what its training split looks like, column by column. */
export interface SpanStatistics {
  readonly version: 1;
  /** Rows of the training split. */
  readonly rows: number;
  readonly positives: number;
  readonly columns: readonly ColumnStatistics[];
}

export interface ColumnStatistics {
  readonly name: string;
  readonly type: ColumnType;
  /** Rows with a value, and without. */
  readonly present: number;
  readonly missing: number;
  readonly numeric?: NumericStatistics;
  readonly categorical?: CategoricalStatistics;
}

export interface NumericStatistics {
  readonly mean: number;
  /** Population standard deviation. */
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
  /** Values at the probabilities 0, 0.1, …, 1 (nearest rank: each is a value that occurs). */
  readonly deciles: readonly number[];
}

export interface CategoricalStatistics {
  readonly distinct: number;
  /** The most frequent values, by count, then by bytes. At most {@link topTerms}. */
  readonly top: readonly { readonly value: string; readonly count: number }[];
}

/** Values a column's statistics name. What is rarer counts as "other" wherever two spans are compared. */
export const topTerms = 1000;

/** Probabilities of {@link NumericStatistics.deciles}. */
export const decileProbabilities: readonly number[] = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
