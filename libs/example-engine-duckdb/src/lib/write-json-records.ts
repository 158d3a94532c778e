import {
  BadData,
  BadJson,
  type DataFile,
  jsonCells,
  type Line,
  LineReader,
  type Lists,
  recordOf,
  type Reject,
  UndeclaredArray,
  UndeclaredList,
} from '@adstocrat/example-engine';
import { RecordWriter } from './record-writer.ts';
import type { TextBytes } from './text-bytes.ts';
import { shortened } from './write-records.ts';

/** A file's objects as they were written for DuckDB: `<file number>,<line>` and a cell for each key that was known by then. */
export interface WrittenObjects {
  /** Keys in the order in which they came. */
  readonly fields: readonly string[];
  readonly rows: number;
  /** A key came after the first row: records before it are shorter. */
  readonly isRagged: boolean;
}

/** Different keys of a file, at most: keys that are values are no columns. */
const mostKeys = 10_000;

/**
 * Reads lines of JSON and writes their cells to `to`. Lines that are no object are rejected, each with its reason. Throws
 * {@link BadData} for an array in a column that is not in `lists`, and where keys seem to be values.
 */
export async function writeJsonRecords(
  file: DataFile,
  { bytes }: Pick<TextBytes, 'bytes'>,
  number: number,
  to: string,
  options: {
    readonly lists: Lists;
    readonly reject: (reject: Reject) => void;
    readonly signal?: AbortSignal | undefined;
    readonly onRows?: (rows: number) => void;
  },
): Promise<WrittenObjects> {
  const { lists, reject, signal, onRows } = options;
  const out = new RecordWriter(to);
  const positions = new Map<string, number>();
  let rows = 0;
  let atFirst = 0;
  const write = ({ line, text }: Line): void => {
    const cells = cellsOf(file, { line, text }, lists, reject);
    if (cells === undefined) return;
    for (const column of cells.keys()) if (!positions.has(column)) positions.set(column, positions.size);
    if (positions.size > mostKeys)
      throw new BadData(`${file.name}:${line}: more than ${mostKeys} different keys: values must not be keys`);
    const record = new Array<string>(positions.size).fill('');
    for (const [column, cell] of cells) record[positions.get(column) ?? 0] = cell;
    out.addText([`${number},${line}`, ...(record.length === 0 ? [] : [recordOf(record, ',')])].join(','));
    rows += 1;
    if (rows === 1) atFirst = positions.size;
  };
  const decoder = new TextDecoder();
  const reader = new LineReader({
    line: write,
    bad: ({ line, reason, bytes: raw }) =>
      reject({ file: file.name, line, reason, text: shortened(decoder.decode(raw)) }),
  });
  await out.writeAll(bytes, reader, { signal, onPiece: () => onRows?.(rows) });
  return { fields: [...positions.keys()], rows, isRagged: positions.size > atFirst };
}

/** Undefined where the line was rejected. */
function cellsOf(
  { name }: DataFile,
  { line, text }: Line,
  lists: Lists,
  reject: (reject: Reject) => void,
): ReadonlyMap<string, string> | undefined {
  try {
    return jsonCells(text, lists);
  } catch (error) {
    if (error instanceof UndeclaredList) throw new UndeclaredArray(`${name}:${line}`, error);
    if (!(error instanceof BadJson)) throw error;
    const { message: reason, column } = error;
    reject({ file: name, line, ...(column === undefined ? {} : { column }), reason, text: shortened(text) });
    return undefined;
  }
}
