import type { LabelRule, TypedColumn } from '@adstocrat/example-engine';
import type { PersonalRule, TimeFormat } from '@adstocrat/examples';

/** A column to make, from the cell of this place among the columns given. */
export interface CellColumn extends Pick<TypedColumn, 'type' | 'decimal'> {
  readonly cell: number;
  readonly personal?: PersonalRule;
  /** It tells rows apart, and each value has one text. */
  readonly isId?: boolean;
}

/**
 * What a worker does with rows. Both give row by row what they take.
 *
 * - `prepare` takes row, file, line and cells of text; gives row, file, line, label, time, why a row is rejected with the column and the
 *   text at fault, and the values.
 * - `place` takes values of text; gives each with its split.
 */
export type RowWork =
  | {
      readonly kind: 'prepare';
      readonly columns: readonly CellColumn[];
      /** Cells whose digest is a value of its own, behind those of the columns. */
      readonly contentId?: readonly number[];
      readonly label: Omit<LabelRule, 'column'> & { readonly column: string; readonly cell: number };
      /** The zone by its name. */
      readonly eventTime?: {
        readonly column: string;
        readonly cell: number;
        readonly format: TimeFormat;
        readonly zone?: string;
      };
      /** The secret in hex. */
      readonly personalKey?: { readonly id: string; readonly secret: string };
    }
  | { readonly kind: 'place'; readonly test: number; readonly validation: number };
