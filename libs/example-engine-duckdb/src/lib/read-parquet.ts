import type { DuckDBConnection } from '@duckdb/node-api';
import { BadData, type DataFile, headerOf, type Lists } from '@adstocrat/example-engine';
import { type ParquetColumn, parquetColumns } from './parquet-columns.ts';
import type { RejectTable } from './reject-table.ts';
import { fileColumn, lineColumn, rowColumn } from './row-column.ts';
import { name, text } from './sql-text.ts';

/** A Parquet file, looked at. */
export interface ParquetFile {
  readonly columns: readonly ParquetColumn[];
  readonly rows: number;
  /** It has the index that pandas writes, which is none of the data. */
  readonly hasIndex: boolean;
}

const numberColumn = 'file_row_number';
const pandasIndex = /^__index_level_\d+__$/;

/** Partitions are columns of the file or none: names of folders are not looked at. */
const source = (path: string): string =>
  `read_parquet(${text(path)}, ${numberColumn} = true, hive_partitioning = false)`;

/** Its columns and rows. Throws {@link BadData} where it cannot be read, or has columns that are no cells. */
export async function openParquetFile(
  connection: DuckDBConnection,
  file: DataFile,
  lists: Lists,
): Promise<ParquetFile> {
  try {
    const all = await parquetColumns(connection, source(file.path), file.name, lists);
    const named = all.filter((column) => column.name !== numberColumn);
    const columns = named.filter((column) => !pandasIndex.test(column.name));
    headerOf(
      columns.map((column) => column.name),
      file.name,
    );
    const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${source(file.path)}`);
    return { columns, rows: Number(counted.getRows()[0]?.[0]), hasIndex: columns.length < named.length };
  } catch (error) {
    throw unread(file, error);
  }
}

/** Adds its rows to a table that has its columns as text. Rows that hold a NUL are rejected. Returns how many were added. */
export async function loadParquet(
  connection: DuckDBConnection,
  table: string,
  file: DataFile,
  { columns }: ParquetFile,
  options: { readonly number: number; readonly before: number; readonly rejects: RejectTable },
): Promise<number> {
  const { number, before, rejects } = options;
  const path = source(file.path);
  const texts = columns.filter(({ isText }) => isText);
  const bad = texts.map(({ cell }) => `contains(${cell}, chr(0))`).join(' OR ');
  const good = texts.length === 0 ? 'true' : `coalesce(NOT (${bad}), true)`;
  const which = texts.map(({ cell, name: column }) => `WHEN contains(${cell}, chr(0)) THEN ${text(column)}`).join(' ');
  const into = [rowColumn, fileColumn, lineColumn, ...columns.map((column) => column.name)].map(name).join(', ');
  // '' is missing in text of any kind.
  const cells = columns.map(({ cell, isText }) => (isText ? `nullif(${cell}, '')` : cell));
  try {
    if (texts.length > 0)
      await rejects.addAll(
        `SELECT ${numberColumn} + 1, ${text(file.name)}, ${numberColumn} + 1, 'holds a NUL character', CASE ${which} END, NULL
         FROM ${path} WHERE NOT (${good}) ORDER BY 1`,
      );
    await connection.run(
      `INSERT INTO ${name(table)} (${into})
       SELECT ${before} + row_number() OVER (), ${number}, ${numberColumn} + 1, ${cells.join(', ')} FROM ${path} WHERE ${good}`,
    );
    const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${path} WHERE ${good}`);
    return Number(counted.getRows()[0]?.[0]);
  } catch (error) {
    throw unread(file, error);
  }
}

/** What no file is to blame for. */
const notTheFile = /^(Out of Memory|INTERRUPT|IO Error: (No space|Could not write|Cannot write))/i;

function unread(file: DataFile, error: unknown): unknown {
  if (error instanceof BadData || notTheFile.test((error as Error).message)) return error;
  return new BadData(`${file.name} is a damaged Parquet file, or one of a kind that cannot be read: write it anew`, {
    cause: error,
  });
}
