/** A quoted identifier. */
export function name(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** A quoted string. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
