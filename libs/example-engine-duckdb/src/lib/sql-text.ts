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
