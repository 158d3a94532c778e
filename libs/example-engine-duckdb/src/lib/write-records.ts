import {
  BadData,
  type DataFile,
  fieldsOf,
  type Header,
  headerOf,
  type RawRecord,
  RecordReader,
  recordOf,
  type Reject,
} from '@adstocrat/example-engine';
import { shownCharacters } from '@adstocrat/examples';
import { RecordWriter } from './record-writer.ts';
import type { TextBytes } from './text-bytes.ts';

/** A CSV file's records as they were written for DuckDB: without a header, `<file number><delimiter><line><delimiter>` before each. */
export interface WrittenRecords {
  /** Undefined for a file without a record. */
  readonly header: Header | undefined;
  readonly rows: number;
}

/**
 * Reads a CSV file and writes the records that have as many fields as its header to `to`. The others are rejected, each with its line.
 * Throws {@link BadData} for a header that names no columns or one twice, and for a damaged archive.
 */
export async function writeRecords(
  file: DataFile,
  { format: { delimiter }, bytes }: Pick<TextBytes, 'format' | 'bytes'>,
  number: number,
  to: string,
  options: {
    readonly reject: (reject: Reject) => void;
    readonly signal?: AbortSignal | undefined;
    /** Told how many there are so far, after each piece of the file. */
    readonly onRows?: (rows: number) => void;
  },
): Promise<WrittenRecords> {
  const { reject, signal, onRows } = options;
  const out = new RecordWriter(to);
  let header: Header | undefined;
  let headerBytes: Uint8Array | undefined;
  let rows = 0;
  const decoder = new TextDecoder();
  const textOf = ({ bytes: all, start, end }: RawRecord): string => decoder.decode(all.subarray(start, end));
  const rejected = (line: number, reason: string, record: string): void => {
    reject({ file: file.name, line, reason, text: shortened(record) });
  };
  const reader = new RecordReader(delimiter, {
    record(record) {
      const { bytes: all, start, end, line, fields, regular } = record;
      if (header === undefined) {
        header = headerOf(fieldsOf(textOf(record), delimiter), `${file.name}:${line}`);
        headerBytes = all.slice(start, end);
        return;
      }
      const due = header.fields.length;
      if (fields !== due) {
        const few = fields < due;
        if (fields === 1 && textOf(record).trim() === '') return;
        rejected(line, `too ${few ? 'few' : 'many'} fields: ${fields}, the header has ${due}`, textOf(record));
      } else if (headerBytes !== undefined && isAgain(headerBytes, all, start, end))
        rejected(line, 'the header line again', textOf(record));
      else {
        rows += 1;
        const prefix = `${number}${delimiter}${line}${delimiter}`;
        if (regular) out.add(prefix, all, start, end);
        else out.addText(`${prefix}${recordOf(fieldsOf(textOf(record), delimiter), delimiter)}`);
      }
    },
    bad({ line, reason, bytes: raw }) {
      if (header === undefined) throw new BadData(`${file.name}:${line}: ${reason}, in what should be the header line`);
      rejected(line, reason, decoder.decode(raw));
    },
  });
  await out.writeAll(bytes, reader, { signal, onPiece: () => onRows?.(rows) });
  return { header, rows };
}

/** The beginning of a text on one line. */
export function shortened(record: string): string {
  const line = record.replaceAll(/[\r\n]+$/g, '').replaceAll('\u0000', '\\0');
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line;
}

/** Whether a record is the header line once more. */
export function isAgain(header: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (header.length !== end - start) return false;
  for (let at = 0; at < header.length; at += 1) if (header[at] !== bytes[start + at]) return false;
  return true;
}
