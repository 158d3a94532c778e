import type { ColumnType, PersonalRule } from '@adstocrat/examples';

/** A column of the span, with its type and where it comes from. */
export interface SpanColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** How its numbers were written; absent: with a point. */
  readonly decimal?: '.' | ',';
  /** See `TypedColumn`. */
  readonly isClean?: boolean;
  /** What is kept of its values. */
  readonly personal?: PersonalRule;
  /** Index of the task's table; absent for a column of the examples. */
  readonly table?: number;
}
