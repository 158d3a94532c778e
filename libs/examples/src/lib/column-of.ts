import { integerOf, numberOf, type RawValue, textOf, whyNoValue } from './cell-value.ts';
import type { Column, ColumnType } from './columnar-batch.ts';

/**
 * Raw cells as a column of a type: the one way in which text, JSON, tensors and CSV become typed values. A cell that is no value of the
 * type is missing, after `onStray` has been told of it; that may throw.
 */
export function columnOf(
  type: ColumnType,
  cells: ArrayLike<RawValue>,
  onStray?: (row: number, reason: string) => void,
): Column {
  const stray = <V>(row: number, missing: V): V => {
    onStray?.(row, whyNoValue(type, cells[row]));
    return missing;
  };
  if (type === 'string') {
    const values = new Array<string | null>(cells.length);
    for (let row = 0; row < cells.length; row += 1) {
      const text = textOf(cells[row]);
      values[row] = text === undefined ? stray(row, null) : text;
    }
    return { type, values };
  }
  const read = type === 'integer' ? integerOf : numberOf;
  const values = new Float64Array(cells.length);
  for (let row = 0; row < cells.length; row += 1) values[row] = read(cells[row]) ?? stray(row, NaN);
  return { type, values };
}
