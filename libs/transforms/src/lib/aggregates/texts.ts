import type { Columns } from '../operation.ts';

/** A row's text, or texts; null where it has none. */
export type Texts = (columns: Columns, row: number) => string | null | readonly string[];

/** A row's number; NaN where it has none. */
export type Numbers = (columns: Columns, row: number) => number;
