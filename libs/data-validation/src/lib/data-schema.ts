/** What a column is to the task. Unit and item columns are features too. `later`: known only once the row was shown, so training may read it and no request gives it. */
export type ColumnRole = 'feature' | 'label' | 'id' | 'eventTime' | 'image' | 'later' | 'ignored';

/** One raw column of the examples (after joins). */
export interface ColumnSchema {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'float';
  readonly role: ColumnRole;
  /** What the task said of how its cells are read; absent where it left that to them. */
  readonly asked?: string;
  /** Smallest share of rows that must have a value, in [0, 1]. */
  readonly minPresence: number;
  /** Known values of a low-cardinality string column, ascending by bytes; absent where open. */
  readonly domain?: readonly string[];
  /** Smallest and largest value seen in a numeric column. */
  readonly range?: readonly [number, number];
  /** Its numbers were written with a decimal comma; absent: with a point. */
  readonly decimal?: ',';
  /** Index of the task's table the column came from; absent for a column of the examples themselves. */
  readonly table?: number;
}

/** The data schema of a span, `data-schema.json`. The serving schema is its {@link servingColumns}. */
export interface DataSchema {
  readonly version: 1;
  readonly columns: readonly ColumnSchema[];
}

/** Columns that a request may give: all of the examples' but the label, what the task ignores, and what is known only later. */
export function servingColumns({ columns }: DataSchema): readonly ColumnSchema[] {
  return columns.filter(({ role }) => role !== 'label' && role !== 'ignored' && role !== 'later');
}

/** Columns that the prediction log keeps the values of. */
export function loggedColumns({ columns }: DataSchema): readonly ColumnSchema[] {
  return columns.filter(({ role }) => role === 'feature' || role === 'image' || role === 'eventTime');
}
