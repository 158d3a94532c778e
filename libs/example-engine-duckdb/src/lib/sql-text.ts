import type { ColumnType } from '@adstocrat/examples';

/** How a column's values are held. */
export const sqlType: Readonly<Record<ColumnType, string>> = { string: 'VARCHAR', integer: 'BIGINT', float: 'DOUBLE' };

/** A quoted identifier. */
export function name(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** A quoted string. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** SQL: a value's one text, as `canonicalText` of examples gives it: a whole number without its `.0`, a boolean in lower case. */
export function canonicalSql(value: string): string {
  const written = `${value}::VARCHAR`;
  const whole = `regexp_replace(${written}, '^(?:(-?[1-9][0-9]*)|-?(0))[.]0+$', '\\1\\2')`;
  return `CASE WHEN ${written} IN ('True', 'TRUE', 'False', 'FALSE') THEN lower(${written}) ELSE ${whole} END`;
}
