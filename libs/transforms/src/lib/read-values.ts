import type { Column } from '@adstocrat/examples';

/** A cell as text: null where missing (absent, empty, NaN). Integers as decimal digits. */
export function textAt(column: Column | undefined, row: number): string | null {
  const value = column?.values[row];
  if (value == null || value === '') return null;
  if (typeof value === 'string') return value;
  return Number.isNaN(value) ? null : String(value);
}

/** A cell as a number: NaN where missing or no number. */
export function numberAt(column: Column | undefined, row: number): number {
  const value = column?.values[row];
  if (typeof value === 'number') return value;
  if (value == null || value.trim() === '') return NaN;
  return Number(value);
}

const stamp =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** A cell as Unix milliseconds: ISO 8601 or `YYYY-MM-DD hh:mm:ss[.f][zone]`, UTC without a zone; a number is milliseconds. NaN else. */
export function timeAt(column: Column | undefined, row: number): number {
  const value = column?.values[row];
  if (typeof value === 'number') return value;
  return value == null ? NaN : parseTime(value);
}

/** See {@link timeAt}. */
export function parseTime(text: string): number {
  const match = stamp.exec(text.trim());
  if (match === null) return NaN;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone = 'Z'] = match;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return ms + Math.floor(Number(`0.${fraction}`) * 1000) - zoneMinutes(zone) * 60_000;
}

function zoneMinutes(zone: string): number {
  if (zone === 'Z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || 0));
}
