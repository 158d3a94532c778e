import type { ColumnType } from '@adstocrat/examples';

/** A column of the span, with its type and where it comes from. */
export interface SpanColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** How its numbers were written; absent: with a point. */
  readonly decimal?: '.' | ',';
  /** Its values are pseudonyms. */
  readonly hashed?: boolean;
  /** Index of the task's table; absent for a column of the examples. */
  readonly table?: number;
}
