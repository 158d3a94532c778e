import { canonicalText, type Column, numberOf } from '@adstocrat/examples';

/** A cell as text: null where missing (absent, empty, NaN). Numbers as decimal digits; one text for one value (`canonicalText`). */
export function textAt(column: Column | undefined, row: number): string | null {
  const value = column?.values[row];
  if (value == null || value === '') return null;
  if (typeof value === 'string') return canonicalText(value);
  return Number.isNaN(value) ? null : String(value);
}

/** A cell as a number: NaN where missing or no number. */
export function numberAt(column: Column | undefined, row: number): number {
  const value = column?.values[row];
  return typeof value === 'number' ? value : (numberOf(value) ?? NaN);
}
