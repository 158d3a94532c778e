import type { LoadedExamples } from './load-examples.ts';
import type { RowsInOrder } from './training-rows.ts';

/** Rows, and more rows behind them. */
export function joinedRows(first: RowsInOrder, more: LoadedExamples): RowsInOrder {
  const { negativeShare, fields, denseWidth, weighted } = first;
  return {
    rows: first.rows + more.rows,
    positives: first.positives + more.labels.reduce((sum, label) => sum + label, 0),
    negativeShare,
    fields,
    denseWidth,
    weighted,
    async *parts() {
      yield* first.parts();
      yield more;
    },
  };
}
