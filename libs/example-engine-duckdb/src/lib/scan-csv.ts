import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { BadData, type DataFile, type Reject, type ScannedFile, type ScanOptions } from '@adstocrat/example-engine';
import { reservedPrefix } from '@adstocrat/examples';
import { sharedColumns } from './csv-header.ts';
import type { RejectTable } from './reject-table.ts';
import { fileColumn, lineColumn, rowColumn } from './row-column.ts';
import { name, text } from './sql-text.ts';
import { type WrittenRecords, writeRecords } from './write-records.ts';

/** Stands for a column without a name, which is left out. */
const unnamed = `${reservedPrefix}unnamed`;

export interface ScannedTable {
  readonly rows: number;
  readonly columns: readonly string[];
  readonly files: readonly ScannedFile[];
}

/** A file that has a header, and where its records lie. */
type Part = WrittenRecords & {
  readonly header: NonNullable<WrittenRecords['header']>;
  readonly name: string;
  readonly path: string;
};

/**
 * Reads CSV files into a table of text columns with {@link fileColumn} and {@link lineColumn}, in the order of files and rows. `folder`
 * is made for the time it takes. Throws {@link BadData} where there is no row, and for what `writeRecords` and `sharedColumns` do.
 */
export async function scanCsvInto(
  connection: DuckDBConnection,
  table: string,
  files: readonly DataFile[],
  options: {
    readonly declared: ScanOptions;
    readonly folder: string;
    readonly rejects: RejectTable;
    readonly signal: AbortSignal | undefined;
  },
): Promise<ScannedTable> {
  const { declared, folder, rejects, signal } = options;
  const reject = (one: Reject): void => {
    rejects.add(one);
  };
  mkdirSync(folder, { recursive: true });
  try {
    const parts: Part[] = [];
    const scanned: ScannedFile[] = [];
    for (const [number, file] of files.entries()) {
      const path = join(folder, `${number}.csv`);
      const written = await writeRecords(file, number, path, declared, { reject, signal });
      const { header, rows, format } = written;
      if (header !== undefined) parts.push({ ...written, header, name: file.name, path });
      scanned.push({ name: file.name, rows, format, unnamedIndex: header?.fields[0] === '' });
    }
    const columns = sharedColumns(parts, declared.withheld);
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const created = [...columns.map((column) => `${name(column)} VARCHAR`)];
    await connection.run(
      `CREATE TABLE ${name(table)} (${name(rowColumn)} BIGINT, ${name(fileColumn)} INTEGER, ${name(lineColumn)} BIGINT${created.map((one) => `, ${one}`).join('')})`,
    );
    let before = 0;
    for (const run of runsOf(parts)) {
      await load(connection, table, columns, run, before, declared.withheld);
      before += run.reduce((sum, part) => sum + part.rows, 0);
    }
    return { rows, columns, files: scanned };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Files that follow each other and are read alike. */
function runsOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  const runs: Part[][] = [];
  const likeness = ({ header, format }: Part): string => JSON.stringify([header.fields, format.delimiter]);
  for (const part of parts) {
    const last = runs.at(-1);
    if (last?.[0] !== undefined && likeness(last[0]) === likeness(part)) last.push(part);
    else runs.push([part]);
  }
  return runs;
}

async function load(
  connection: DuckDBConnection,
  table: string,
  columns: readonly string[],
  run: readonly Part[],
  before: number,
  withheld = false,
): Promise<void> {
  const [first] = run;
  if (first === undefined) return;
  const fields = first.header.fields.map((field) => (field === '' ? unnamed : field));
  const types = [
    `${text(fileColumn)}: 'INTEGER'`,
    `${text(lineColumn)}: 'BIGINT'`,
    ...fields.map((field) => `${text(field)}: 'VARCHAR'`),
  ];
  const source = `read_csv([${run.map(({ path }) => text(path)).join(', ')}], auto_detect = false, header = false,
    columns = {${types.join(', ')}}, delim = ${text(first.format.delimiter)}, quote = '"', escape = '"', new_line = '\\n',
    nullstr = '', allow_quoted_nulls = true, strict_mode = true, max_line_size = ${(16 << 20) + 1024})`;
  const listed = [fileColumn, lineColumn, ...columns].map(name).join(', ');
  try {
    await connection.run(
      `INSERT INTO ${name(table)} (${name(rowColumn)}, ${listed})
       SELECT ${before} + row_number() OVER (), ${listed} FROM ${source}`,
    );
  } catch (error) {
    const files = run.map(({ name: file }) => file).join(', ');
    // Its message shows the line.
    if (withheld) throw new BadData(`${files}: DuckDB reads other records than were written for it`);
    throw new BadData(`${files}: ${(error as Error).message}`, { cause: error });
  }
}
