import type { DuckDBConnection } from '@duckdb/node-api';
import { BadData, type DataFile, headerOf, type Lists } from '@adstocrat/example-engine';
import { type ParquetColumn, parquetColumns } from './parquet-columns.ts';
import { givenCell } from './given-cell.ts';
import type { RejectTable } from './reject-table.ts';
import { fileColumn, lineColumn } from './row-column.ts';
import { copyScanned, name, text } from './sql-text.ts';

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

/** Writes its rows to a Parquet file of these columns as text. Rows that hold a NUL are rejected. Returns how many were written. */
export async function loadParquet(
  connection: DuckDBConnection,
  to: string,
  file: DataFile,
  { columns }: ParquetFile,
  options: { readonly number: number; readonly columns: readonly string[]; readonly rejects: RejectTable },
): Promise<number> {
  const { number, rejects } = options;
  const path = source(file.path);
  const texts = columns.filter(({ isText }) => isText);
  const bad = texts.map(({ cell }) => `contains(${cell}, chr(0))`).join(' OR ');
  const good = texts.length === 0 ? 'true' : `coalesce(NOT (${bad}), true)`;
  const which = texts.map(({ cell, name: column }) => `WHEN contains(${cell}, chr(0)) THEN ${text(column)}`).join(' ');
  const own = new Map(columns.map((column) => [column.name, column]));
  const cells = options.columns.map((column) => {
    const { cell, isText } = own.get(column) ?? { cell: givenCell(file, column), isText: false };
    // '' is missing in text of any kind.
    return `${isText ? `nullif(${cell}, '')` : cell} AS ${name(column)}`;
  });
  try {
    if (texts.length > 0)
      await rejects.addAll(
        `SELECT ${numberColumn} + 1, ${text(file.name)}, ${numberColumn} + 1, 'holds a NUL character', CASE ${which} END, NULL
         FROM ${path} WHERE NOT (${good}) ORDER BY 1`,
      );
    const where = [`${number}::INTEGER AS ${name(fileColumn)}`, `${numberColumn} + 1 AS ${name(lineColumn)}`];
    return await copyScanned(connection, `SELECT ${[...where, ...cells].join(', ')} FROM ${path} WHERE ${good}`, to);
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
