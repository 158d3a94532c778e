import type { DuckDBConnection } from '@duckdb/node-api';
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

/** SQL: a number as JavaScript writes it, and so `jsonCells` and the server do; what is no number is empty. */
export function numberSql(value: string): string {
  // By its own shortest text, which of a FLOAT is shorter than that of the same DOUBLE.
  const json = `to_json(${value}::VARCHAR::DOUBLE)::VARCHAR`;
  const spelled = `regexp_replace(regexp_replace(${json}, '^-?(0)[.]0$|[.]0$', '\\1'), 'e([0-9])', 'e+\\1')`;
  return `CASE WHEN ${value} IS NULL OR isnan(${value}::DOUBLE) THEN '' ELSE ${spelled} END`;
}

/**
 * Writes the rows of a query to a Parquet file, in their order, and says how many. Cells as they were scanned (`quick`) are read once more
 * and go: a third of the time for a twentieth of their size.
 */
export async function copyRows(connection: DuckDBConnection, query: string, to: string, quick = true): Promise<number> {
  return copyTo(connection, query, to, quick ? lightly : '');
}

/**
 * The same, of cells that DuckDB alone reads, several times: texts whose lengths stand together (DELTA_LENGTH_BYTE_ARRAY) are not copied one by one.
 */
export async function copyScanned(connection: DuckDBConnection, query: string, to: string): Promise<number> {
  return copyTo(connection, query, to, `${lightly}, PARQUET_VERSION v2`);
}

const lightly = ', COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 1000';

async function copyTo(connection: DuckDBConnection, query: string, to: string, more: string): Promise<number> {
  const copied = await connection.runAndReadAll(
    `COPY (${query}) TO ${text(to)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 65536${more})`,
  );
  return Number(copied.getRows()[0]?.[0]);
}
