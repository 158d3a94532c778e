import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  BadData,
  checkOneKind,
  columnsOfDrop,
  type DataFile,
  type Header,
  headerOf,
  type Lists,
  type Reject,
  type ScannedFile,
  type ScanOptions,
  type TextFormat,
} from '@adstocrat/example-engine';
import { CsvHeading } from './csv-heading.ts';
import { loadParts, type Part, type Records } from './load-parts.ts';
import { openParquetFile } from './read-parquet.ts';
import { lineEndOf } from './regular-records.ts';
import type { RejectTable } from './reject-table.ts';
import { textBytes } from './text-bytes.ts';
import { leadingBytes, type UnpackLimits } from './unpacked-bytes.ts';
import { writeJsonRecords } from './write-json-records.ts';
import { writeRecords } from './write-records.ts';

/** A file of so many bytes is read as it lies where it can be: of smaller ones many are read at once. */
const inPlaceBytes = 1 << 20;

export interface ScannedTable {
  readonly rows: number;
  readonly columns: readonly string[];
  readonly files: readonly ScannedFile[];
}

export interface ScanParts {
  readonly options: ScanOptions;
  /** What is needed no longer than the scan lies here. */
  readonly folder: string;
  readonly rejects: RejectTable;
  readonly signal: AbortSignal | undefined;
  readonly limits: UnpackLimits;
}

/**
 * Reads files into one Parquet file of text columns with the file's number and the line before them, in the order of files and rows.
 * Throws {@link BadData} where files are of two kinds, and for what the readers of each kind do.
 */
export async function scanFilesInto(
  connection: DuckDBConnection,
  to: string,
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
      const given = part === undefined ? [] : givenColumns(part.header, file);
      scanned.push(given.length > 0 ? { ...one, given } : one);
      checkOneKind(scanned);
    }
    const columns = columnsOfDrop(
      found.map(({ file, header }) => ({ name: file.name, header: withCells(header, file) })),
      scanned,
      parts.options.withheld,
    );
    const { folder, rejects, options } = parts;
    const rows = await loadParts(connection, to, found, {
      columns,
      folder,
      rejects,
      withheld: options.withheld ?? false,
    });
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
  const refuseNames = (what: string): BadData =>
    new BadData(`${file.name} is ${what}, whose columns have names: leave ${options.columns?.key ?? ''} out`);
  if (magic === 'PAR1' && (options.kind ?? 'parquet') === 'parquet') {
    if (options.columns !== undefined) throw refuseNames('Parquet');
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
  let bytes = await textBytes(file, options, { limits, onRead });
  if (bytes.kind === 'csv' && bytes.isAsItLies && statSync(file.path).size >= inPlaceBytes) {
    const heading = new CsvHeading(file, bytes, options.columns);
    const lineEnd = await lineEndOf(bytes, heading, { signal, onRows });
    if (lineEnd !== undefined) {
      const records = { path: file.path, headerLines: heading.lines, lineEnd, isAsItLies: true, isRagged: false };
      return csvFile(file, number, bytes.format, heading, records);
    }
    bytes = await textBytes(file, options, { limits, onRead });
  }
  const path = join(folder, `${number}.csv`);
  if (bytes.kind === 'jsonl') {
    if (options.columns !== undefined) throw refuseNames('lines of JSON');
    const { fields, rows, isRagged } = await writeJsonRecords(file, bytes, number, path, {
      lists,
      reject,
      signal,
      onRows,
    });
    const part = {
      file,
      number,
      header: { fields },
      rows,
      records: { path, delimiter: ',', isRagged, ...written },
    } as const;
    return { ...is, format: bytes.format, kind: 'jsonl', rows, part: rows === 0 ? undefined : part };
  }
  const heading = new CsvHeading(file, bytes, options.columns);
  await writeRecords(file, bytes, heading, number, path, { reject, signal, onRows });
  return csvFile(file, number, bytes.format, heading, { path, isRagged: false, ...written });
}

/** A file's columns, with those that its folders name. Throws {@link BadData} for two of them that differ in case only. */
function withCells(header: Header, file: DataFile): Header {
  const given = givenColumns(header, file);
  if (given.length === 0) return header;
  const fields = [...header.fields, ...given];
  headerOf(fields, `${file.name}, with what its folders name`);
  return { ...header, fields };
}

function givenColumns({ fields }: Header, { cells = new Map() }: DataFile): readonly string[] {
  return [...cells.keys()].filter((column) => !fields.includes(column));
}

/** Of records that were written anew. */
const written = { headerLines: 0, lineEnd: '\n', isAsItLies: false } as const;

/** What was found in a CSV file, with a part where it has a header. */
function csvFile(
  file: DataFile,
  number: number,
  format: TextFormat,
  { header, rows, comments, nameless }: CsvHeading,
  records: Omit<Records, 'delimiter'>,
): ScannedFile & { readonly part: Part | undefined } {
  const part = header && { file, number, header, rows, records: { ...records, delimiter: format.delimiter } };
  return {
    name: file.name,
    kind: 'csv',
    format,
    rows,
    unnamedIndex: header?.fields[0] === '',
    ...(header !== undefined && nameless > 0 && { nameless }),
    ...(header?.isRow === true && { rowAsHeader: header.fields.length }),
    ...(comments.lines > 0 && (comments.isTitle ? { titles: comments.lines } : { comments: comments.lines })),
    ...(comments.isNext && { commentAsHeader: true }),
    part,
  };
}
