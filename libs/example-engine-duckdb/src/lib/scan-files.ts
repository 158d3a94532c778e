import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  BadData,
  checkOneKind,
  columnsOfDrop,
  type DataFile,
  type Delimiter,
  type Header,
  type Lists,
  type Reject,
  type ScannedFile,
  type ScanOptions,
} from '@adstocrat/example-engine';
import { reservedPrefix } from '@adstocrat/examples';
import { loadParquet, openParquetFile, type ParquetFile } from './read-parquet.ts';
import type { RejectTable } from './reject-table.ts';
import { fileColumn, lineColumn, rowColumn } from './row-column.ts';
import { name, text } from './sql-text.ts';
import { textBytes } from './text-bytes.ts';
import { leadingBytes, type UnpackLimits } from './unpacked-bytes.ts';
import { writeJsonRecords } from './write-json-records.ts';
import { writeRecords } from './write-records.ts';

/** Stands for a column without a name, which is left out. */
const unnamed = `${reservedPrefix}unnamed`;

export interface ScannedTable {
  readonly rows: number;
  readonly columns: readonly string[];
  readonly files: readonly ScannedFile[];
}

export interface ScanParts {
  readonly options: ScanOptions;
  readonly folder: string;
  readonly rejects: RejectTable;
  readonly signal: AbortSignal | undefined;
  readonly limits: UnpackLimits;
}

/** A file that has columns, and where its records lie; of a Parquet file what is in it. */
interface Part {
  readonly file: DataFile;
  readonly number: number;
  readonly header: Header;
  readonly rows: number;
  readonly records: { readonly path: string; readonly delimiter: Delimiter; readonly isRagged: boolean } | ParquetFile;
}

/**
 * Reads files into a table of text columns with {@link fileColumn} and {@link lineColumn}, in the order of files and rows. `folder` is
 * made for the time it takes. Throws {@link BadData} where files are of two kinds, and for what the readers of each kind do.
 */
export async function scanFilesInto(
  connection: DuckDBConnection,
  table: string,
  files: readonly DataFile[],
  parts: ScanParts,
): Promise<ScannedTable> {
  mkdirSync(parts.folder, { recursive: true });
  try {
    const found: Part[] = [];
    const scanned: ScannedFile[] = [];
    const done = { bytes: 0, rows: 0 };
    for (const [number, file] of files.entries()) {
      const { part, ...one } = await look(connection, file, number, parts, (bytes, rows) => {
        parts.options.onProgress?.({ bytes: done.bytes + bytes, rows: done.rows + rows });
      });
      done.bytes += statSync(file.path).size;
      done.rows += one.rows;
      parts.options.onProgress?.(done);
      if (part !== undefined) found.push(part);
      scanned.push(one);
      checkOneKind(scanned);
    }
    const columns = columnsOfDrop(
      found.map(({ file: { name: of }, header }) => ({ name: of, header })),
      scanned,
      parts.options.withheld,
    );
    await connection.run(
      `CREATE TABLE ${name(table)} (${name(rowColumn)} BIGINT, ${name(fileColumn)} INTEGER, ${name(lineColumn)} BIGINT${columns.map((one) => `, ${name(one)} VARCHAR`).join('')})`,
    );
    const rows = await load(connection, table, found, parts);
    return { rows, columns, files: scanned };
  } finally {
    rmSync(parts.folder, { recursive: true, force: true });
  }
}

async function look(
  connection: DuckDBConnection,
  file: DataFile,
  number: number,
  { options, folder, rejects, signal, limits }: ScanParts,
  onProgress: (bytes: number, rows: number) => void,
): Promise<ScannedFile & { readonly part: Part | undefined }> {
  const lists: Lists = options.lists ?? new Map();
  const reject = ({ text: shown, ...where }: Reject): void => {
    rejects.add(shown === undefined || options.withheld === true ? where : { ...where, text: shown });
  };
  const is = { name: file.name, format: { encoding: 'utf-8', delimiter: ',' }, unnamedIndex: false } as const;
  const magic = Buffer.from(await leadingBytes(file.path, 4)).toString('latin1');
  if (options.kind === 'parquet' && magic !== 'PAR1')
    throw new BadData(`${file.name} is no Parquet file, as data.format says: it begins with other bytes`);
  if (magic === 'PAR1' && (options.kind ?? 'parquet') === 'parquet') {
    const records = await openParquetFile(connection, file, lists);
    const header = { fields: records.columns.map((column) => column.name) };
    const part = { file, number, header, rows: records.rows, records };
    return { ...is, kind: 'parquet', rows: records.rows, unnamedIndex: records.hasIndex, part };
  }
  let read = 0;
  const onRead = (count: number): void => {
    read = count;
  };
  const onRows = (count: number): void => {
    onProgress(read, count);
  };
  const bytes = await textBytes(file, options, { limits, onRead });
  const path = join(folder, `${number}.csv`);
  if (bytes.kind === 'jsonl') {
    const { fields, rows, isRagged } = await writeJsonRecords(file, bytes, number, path, {
      lists,
      reject,
      signal,
      onRows,
    });
    const part = { file, number, header: { fields }, rows, records: { path, delimiter: ',', isRagged } } as const;
    return { ...is, format: bytes.format, kind: 'jsonl', rows, part: rows === 0 ? undefined : part };
  }
  const { header, rows } = await writeRecords(file, bytes, number, path, { reject, signal, onRows });
  const { format } = bytes;
  const records = { path, delimiter: format.delimiter, isRagged: false };
  const part = header && { file, number, header, rows, records };
  return { ...is, format, kind: 'csv', rows, unnamedIndex: header?.fields[0] === '', part };
}

/** In the order of files. Returns how many rows there are. */
async function load(
  connection: DuckDBConnection,
  table: string,
  parts: readonly Part[],
  { options, rejects }: ScanParts,
): Promise<number> {
  let before = 0;
  for (const run of runsOf(parts)) {
    const [first] = run;
    if (first !== undefined && !('path' in first.records)) {
      const { file, number, records } = first;
      before += await loadParquet(connection, table, file, records, { number, before, rejects });
      continue;
    }
    await loadRecords(connection, table, run, { before, withheld: options.withheld ?? false });
    before += run.reduce((sum, { rows }) => sum + rows, 0);
  }
  return before;
}

/** Files that follow each other and are read alike; each Parquet file alone. */
function runsOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  const runs: Part[][] = [];
  const likeness = ({ header, records, number }: Part): string =>
    JSON.stringify([header.fields, 'path' in records ? [records.delimiter, records.isRagged] : number]);
  for (const part of parts) {
    const last = runs.at(-1);
    if (last?.[0] !== undefined && likeness(last[0]) === likeness(part)) last.push(part);
    else runs.push([part]);
  }
  return runs;
}

async function loadRecords(
  connection: DuckDBConnection,
  table: string,
  run: readonly Part[],
  { before, withheld }: { readonly before: number; readonly withheld: boolean },
): Promise<void> {
  const [first] = run;
  if (first === undefined || !('path' in first.records)) return;
  const { delimiter, isRagged } = first.records;
  const fields = first.header.fields.map((field) => (field === '' ? unnamed : field));
  const types = [
    `${text(fileColumn)}: 'INTEGER'`,
    `${text(lineColumn)}: 'BIGINT'`,
    ...fields.map((field) => `${text(field)}: 'VARCHAR'`),
  ];
  const paths = run.map(({ records }) => ('path' in records ? text(records.path) : ''));
  // Short records are padded on one thread only: a line end within quotes could be taken for a record's.
  const padding = isRagged ? 'null_padding = true, parallel = false, strict_mode = false' : 'strict_mode = true';
  const source = `read_csv([${paths.join(', ')}], auto_detect = false, header = false,
    columns = {${types.join(', ')}}, delim = ${text(delimiter)}, quote = '"', escape = '"', new_line = '\\n',
    nullstr = '', allow_quoted_nulls = true, ${padding}, max_line_size = ${(16 << 20) + 1024})`;
  const listed = [fileColumn, lineColumn, ...fields.filter((field) => field !== unnamed)].map(name).join(', ');
  try {
    await connection.run(
      `INSERT INTO ${name(table)} (${name(rowColumn)}, ${listed})
       SELECT ${before} + row_number() OVER (), ${listed} FROM ${source}`,
    );
  } catch (error) {
    const names = run.map(({ file }) => file.name).join(', ');
    // DuckDB shows the record.
    if (withheld) throw new BadData(`${names}: DuckDB reads other records than were written for it`);
    throw new BadData(`${names}: ${(error as Error).message}`, { cause: error });
  }
}
