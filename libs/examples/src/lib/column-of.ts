import type { Column, ColumnType } from './columnar-batch.ts';

/**
 * Values as a column of a type. Missing: null, and in a numeric column also a text that is blank or no number. Numbers in a text
 * column are their decimal digits.
 */
export function columnOf(type: ColumnType, values: readonly (string | number | null)[]): Column {
  if (type === 'string') return { type, values: values.map((value) => (value === null ? null : String(value))) };
  return { type, values: Float64Array.from(values, numberOf) };
}

function numberOf(value: string | number | null): number {
  return value === null || (typeof value === 'string' && value.trim() === '') ? NaN : Number(value);
}
