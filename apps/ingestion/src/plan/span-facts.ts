import type { ScannedFile, TermCount } from '@adstocrat/example-engine';
import type { ColumnFacts } from '@adstocrat/statistics';
import type { TimesOf } from './event-times.ts';

/** What is known of a task's data before anything is decided: facts over all its rows. */
export interface SpanFacts {
  readonly rows: number;
  /** Of the examples. */
  readonly columns: readonly ColumnFacts[];
  /** In the order of the task's tables. */
  readonly tables: readonly { readonly key: string; readonly columns: readonly ColumnFacts[] }[];
  /** The label's most frequent values. Empty where the examples have no such column. */
  readonly labels: { readonly terms: readonly TermCount[]; readonly distinct: number };
  readonly files: readonly ScannedFile[];
  /** Rows of different content; absent where nothing speaks for copies. */
  readonly different?: number | undefined;
  /** Where the events would lie, were a column the event time: at `timeProbabilities`, empty where that is not known. */
  readonly timesOf?: TimesOf;
}

/** Numbers as people write them. */
export const count = (value: number): string => value.toLocaleString('en');
