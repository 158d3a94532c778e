import { copyFile, link } from 'node:fs/promises';
import type { Relation } from '@adstocrat/example-engine';
import type { DuckDbSession } from './duckdb-session.ts';
import { rowColumn } from './row-column.ts';
import { copyRows, name, text } from './sql-text.ts';

/** SQL that reads Parquet files one after the other. */
export function parquetOf(paths: readonly string[]): string {
  return `read_parquet([${paths.map(text).join(', ')}])`;
}

/** Parquet files as a relation. Not copied: what is asked of it reads the files, and only the columns that it needs. */
export async function openParquetFiles(
  session: DuckDbSession,
  paths: readonly string[],
  scanned?: { readonly names: readonly string[]; readonly before: number; readonly columns: readonly string[] },
): Promise<Relation> {
  const view = session.newTable();
  const parquet = parquetOf(paths);
  const { names = [], before = 0, columns = [] } = scanned ?? {};
  const there =
    columns.length === 0 ? [] : (await session.rows(`DESCRIBE SELECT * FROM ${parquet}`)).map(([one]) => one);
  const absent = columns.filter((column) => !there.includes(column));
  const missing = absent.map((column) => `, NULL::VARCHAR AS ${name(column)}`);
  await session.connection.run(
    `CREATE VIEW ${name(view.id)} AS SELECT ${before} + row_number() OVER () AS ${name(rowColumn)}, *${missing.join('')} FROM ${parquet}`,
  );
  session.note(view, { parquet, ...(names.length > 0 ? { files: names } : {}) });
  return view;
}

/** Writes a relation's rows in order, all or those of a part, as Parquet. One that is a file of the session gets another name for it. */
export async function writeParquetFile(
  session: DuckDbSession,
  relation: Relation,
  path: string,
  part?: { readonly from: number; readonly to: number },
): Promise<void> {
  const { scanned, files } = session.traits(relation);
  if (scanned !== undefined && part === undefined) return linkFile(scanned, path);
  const rows =
    part === undefined ? '' : ` WHERE ${name(rowColumn)} > ${part.from} AND ${name(rowColumn)} <= ${part.to}`;
  const query = `SELECT * EXCLUDE (${name(rowColumn)}) FROM ${name(relation.id)}${rows}${session.orderOf(relation)}`;
  await copyRows(session.connection, query, path, files !== undefined);
}

/** A file under another name, which stays when the first goes. */
async function linkFile(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    // Another disk.
    await copyFile(from, to);
  }
}
