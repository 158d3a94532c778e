import type { Column, ColumnarBatch } from '@adstocrat/examples';

/** One way of slicing: what it is called, and the slice of each row of a batch. */
export interface Slicer {
  readonly by: string;
  valuesOf(batch: ColumnarBatch): readonly string[];
}

/** Slices by the joint value of columns. Missing values are a slice of their own. */
export function columnSlicer(columns: readonly string[]): Slicer {
  return {
    by: columns.join(' × '),
    valuesOf: (batch) => {
      const read = columns.map((name) => reader(batch, name));
      return Array.from({ length: batch.rows }, (_, row) => read.map((value) => value(row)).join(' × '));
    },
  };
}

/** Slices into rows whose item occurred in training (`seen`) and others (`unseen`). */
export function seenItemSlicer(column: string, seenItems: ReadonlySet<string>): Slicer {
  return {
    by: `${column} in training`,
    valuesOf: (batch) => {
      const value = reader(batch, column);
      return Array.from({ length: batch.rows }, (_, row) => (seenItems.has(value(row)) ? 'seen' : 'unseen'));
    },
  };
}

function reader(batch: ColumnarBatch, name: string): (row: number) => string {
  const column: Column | undefined = batch.columns.get(name);
  if (column === undefined)
    throw new Error(
      `the examples have no column "${name}", which evaluation slices by: take it out of the task's slices`,
    );
  if (column.type === 'string') return (row) => column.values[row] ?? '(missing)';
  return (row) => (Number.isNaN(column.values[row]) ? '(missing)' : String(column.values[row]));
}
