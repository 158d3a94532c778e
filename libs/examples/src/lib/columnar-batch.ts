/** How a column's values are held. Integers and floats share one representation. */
export type ColumnType = 'string' | 'integer' | 'float';

/**
 * One column of raw values, in row order. A missing value is `null` in a string column and NaN in a
 * numeric one. Integers are exact up to 2^53; a column with larger ones is a string column.
 */
export type Column =
  | { readonly type: 'string'; readonly values: readonly (string | null)[] }
  | { readonly type: 'integer' | 'float'; readonly values: Float64Array };

/** Rows held by column. Every column has `rows` values. */
export interface ColumnarBatch {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Column>;
}

/** The rows after the first `from`, up to `to`. */
export function rowsOf({ rows, columns }: ColumnarBatch, from: number, to: number): ColumnarBatch {
  const end = Math.min(rows, to);
  const cut = ({ type, values }: Column): Column =>
    type === 'string' ? { type, values: values.slice(from, end) } : { type, values: values.slice(from, end) };
  return { rows: end - from, columns: new Map(Array.from(columns, ([name, column]) => [name, cut(column)] as const)) };
}

/** The rows at these positions, from 0, in their order. */
export function rowsAt({ columns }: ColumnarBatch, positions: Int32Array): ColumnarBatch {
  const taken = (column: Column): Column =>
    column.type === 'string'
      ? { type: column.type, values: Array.from(positions, (row) => column.values[row] ?? null) }
      : { type: column.type, values: Float64Array.from(positions, (row) => column.values[row]!) };
  return {
    rows: positions.length,
    columns: new Map(Array.from(columns, ([name, column]) => [name, taken(column)] as const)),
  };
}

/** What part of a span an example belongs to. */
export type Split = 'train' | 'validation' | 'test';

export const splits: readonly Split[] = ['train', 'validation', 'test'];

/**
 * Columns that ingestion adds to the examples' own, whatever those are called. The prefix is refused in data.
 * label: integer 0 or 1 · id: string · timeMs: integer, Unix milliseconds, NaN without an event time ·
 * image: string, sha256 of the image file's bytes in hex, null where the image is missing or bad.
 */
export const reservedColumns = {
  label: 'adstocrat.label',
  id: 'adstocrat.id',
  timeMs: 'adstocrat.time_ms',
  image: 'adstocrat.image',
} as const;

export const reservedPrefix = 'adstocrat.';
