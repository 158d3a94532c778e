import type { ColumnValue } from './impression.ts';

/** One line of CSV after RFC 4180 but ended by \n. A missing value is an empty field. */
export function csvLine(values: readonly ColumnValue[]): string {
  return `${values.map(csvField).join(',')}\n`;
}

function csvField(value: ColumnValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
