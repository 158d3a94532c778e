import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { BadData, type DataFile, type Delimiter, type Header } from '@adstocrat/example-engine';
import { reservedPrefix } from '@adstocrat/examples';
import { givenCell } from './given-cell.ts';
import { loadParquet, type ParquetFile } from './read-parquet.ts';
import type { LineEnd } from './regular-records.ts';
import type { RejectTable } from './reject-table.ts';
import { fileColumn, lineColumn } from './row-column.ts';
import { copyScanned, name, text } from './sql-text.ts';

/** A file that has columns, and where its records lie; of a Parquet file what is in it. */
export interface Part {
  readonly file: DataFile;
  readonly number: number;
  readonly header: Header;
  readonly rows: number;
  readonly records: Records | ParquetFile;
}

export interface Records {
  readonly path: string;
  readonly delimiter: Delimiter;
  /** Records may be shorter than the header. */
  readonly isRagged: boolean;
  /** It is the file itself; else its records, with the file's number and the line before each. */
  readonly isAsItLies: boolean;
  readonly lineEnd: LineEnd;
  /** Lines above the first record. */
  readonly headerLines: number;
}

/** Begins what stands for a column without a name, which is left out. */
const unnamed = `${reservedPrefix}unnamed`;
/** Statements of one union: the plan of thousands takes longer than what they read. */
const mostRuns = 64;

/** Writes the rows of all files into one Parquet file, in the order of files. Returns how many there are. */
export async function loadParts(
  connection: DuckDBConnection,
  to: string,
  parts: readonly Part[],
  options: {
    readonly columns: readonly string[];
    readonly folder: string;
    readonly rejects: RejectTable;
    readonly withheld: boolean;
  },
): Promise<number> {
  const { columns, folder, rejects, withheld } = options;
  const groups = groupsOf(parts);
  const paths = groups.map((_, index) => (groups.length === 1 ? to : join(folder, `${index}.parquet`)));
  let rows = 0;
  for (const [index, group] of groups.entries()) {
    const path = paths[index] ?? '';
    const [first] = group[0] ?? [];
    if (first === undefined) continue;
    const { file, number, records } = first;
    rows +=
      'path' in records
        ? await loadRecords(connection, group, path, { columns, withheld })
        : await loadParquet(connection, path, file, records, { number, columns, rejects });
  }
  if (groups.length === 1) return rows;
  const none = [`0::INTEGER AS ${name(fileColumn)}`, `0::BIGINT AS ${name(lineColumn)}`];
  const all =
    groups.length === 0
      ? `SELECT ${[...none, ...columns.map((column) => `NULL::VARCHAR AS ${name(column)}`)].join(', ')} WHERE false`
      : `SELECT * FROM read_parquet([${paths.map(text).join(', ')}])`;
  await copyScanned(connection, all, to);
  for (const path of paths) rmSync(path);
  return rows;
}

/** Files that are loaded at once, in runs that are read alike: each Parquet file alone, of which one may be damaged. */
function groupsOf(parts: readonly Part[]): readonly (readonly (readonly Part[])[])[] {
  const groups: Part[][][] = [];
  let last = '';
  for (const part of parts) {
    const { file, header, records, number } = part;
    const isText = 'path' in records;
    const likeness = JSON.stringify(
      isText && !records.isAsItLies
        ? [header.fields, records.delimiter, records.isRagged, [...(file.cells ?? [])]]
        : number,
    );
    const group = groups.at(-1);
    const before = group?.at(-1)?.[0]?.records;
    if (likeness === last) group?.at(-1)?.push(part);
    else if (group !== undefined && isText && before !== undefined && 'path' in before && group.length < mostRuns)
      group.push([part]);
    else groups.push([[part]]);
    last = likeness;
  }
  return groups;
}

async function loadRecords(
  connection: DuckDBConnection,
  runs: readonly (readonly Part[])[],
  to: string,
  { columns, withheld }: { readonly columns: readonly string[]; readonly withheld: boolean },
): Promise<number> {
  const parts = runs.flat();
  const names = parts.map(({ file }) => file.name).join(', ');
  const due = parts.reduce((sum, { rows }) => sum + rows, 0);
  const other = `${names}: DuckDB reads other records than were found in it`;
  try {
    const rows = await copyScanned(connection, runs.map((run) => rowsOfRun(run, columns)).join(' UNION ALL '), to);
    if (rows !== due) throw new Error(`${rows} rows, not ${due}`);
    return rows;
  } catch (error) {
    // DuckDB shows the record.
    if (withheld) throw new BadData(other);
    throw new BadData(`${names}: ${(error as Error).message}`, { cause: error });
  }
}

/** SQL of a run's rows. */
function rowsOfRun(run: readonly Part[], columns: readonly string[]): string {
  const [first] = run;
  if (first === undefined || !('path' in first.records)) return '';
  const { delimiter, isRagged, isAsItLies, headerLines, lineEnd } = first.records;
  const fields = first.header.fields.map((field, index) => (field === '' ? `${unnamed}${index}` : field));
  const where = [`${text(fileColumn)}: 'INTEGER'`, `${text(lineColumn)}: 'BIGINT'`];
  const types = [...(isAsItLies ? [] : where), ...fields.map((field) => `${text(field)}: 'VARCHAR'`)];
  const paths = run.map(({ records }) => ('path' in records ? text(records.path) : ''));
  const padding = isRagged ? 'null_padding = true, ' : '';
  // What is read in parallel, by one thread too, is cut where a buffer ends: quotes there are refused, or read as something else.
  // Strict, it makes nothing of line ends of two characters (1.5): they come with records that are known to be well-formed.
  const strict = !isRagged && lineEnd === '\n';
  const source = `read_csv([${paths.join(', ')}], auto_detect = false, header = false, skip = ${headerLines},
    columns = {${types.join(', ')}}, delim = ${text(delimiter)}, quote = '"', escape = '"', new_line = ${text(lineEnd === '\n' ? '\\n' : '\\r\\n')},
    nullstr = '', allow_quoted_nulls = true, ${padding}strict_mode = ${strict}, parallel = false, max_line_size = ${(16 << 20) + 1024})`;
  // Of a file as it lies each record has a line, after the header's where there is one.
  const line = isAsItLies
    ? [
        `${first.number}::INTEGER AS ${name(fileColumn)}`,
        `${headerLines} + row_number() OVER () AS ${name(lineColumn)}`,
      ]
    : [fileColumn, lineColumn].map(name);
  const cells = columns.map((column) =>
    fields.includes(column) ? name(column) : `${givenCell(first.file, column)} AS ${name(column)}`,
  );
  return `SELECT ${[...line, ...cells].join(', ')} FROM ${source}`;
}
