import {
  BadData,
  type DataFile,
  fieldsOf,
  type RawRecord,
  RecordReader,
  type RecordSink,
  recordOf,
  type Reject,
} from '@adstocrat/example-engine';
import { shownCharacters } from '@adstocrat/examples';
import type { CsvHeading } from './csv-heading.ts';
import { RecordWriter } from './record-writer.ts';
import type { TextBytes } from './text-bytes.ts';

/**
 * Reads a CSV file and writes the records that have as many fields as its header to `to`, for DuckDB: without a header,
 * `<file number><delimiter><line><delimiter>` before each. The others are rejected, each with its line. Throws {@link BadData} for a
 * header that names no columns or one twice, for declared names that the file contradicts, and for a damaged archive.
 */
export async function writeRecords(
  file: DataFile,
  { format: { delimiter }, bytes }: Pick<TextBytes, 'format' | 'bytes'>,
  heading: CsvHeading,
  number: number,
  to: string,
  options: {
    readonly reject: (reject: Reject) => void;
    readonly signal?: AbortSignal | undefined;
    /** Told how many there are so far, after each piece of the file. */
    readonly onRows?: (rows: number) => void;
  },
): Promise<void> {
  const { reject, signal, onRows } = options;
  const out = new RecordWriter(to);
  const decoder = new TextDecoder();
  const textOf = ({ bytes: all, start, end }: RawRecord): string => decoder.decode(all.subarray(start, end));
  const rejected = (line: number, reason: string, record: string): void => {
    reject({ file: file.name, line, reason, text: shortened(record) });
  };
  const sink: RecordSink = {
    record(record) {
      const { bytes: all, start, end, line, fields, regular } = record;
      const { header } = heading;
      // Blanks alone are no record.
      if (fields === 1 && header !== undefined && header.fields.length !== 1 && textOf(record).trim() === '') return;
      const taken = heading.take(record);
      if (taken === 'names' || taken === 'none') return;
      if (taken !== 'row') {
        rejected(line, heading.reason(taken, fields), textOf(record));
        return;
      }
      const prefix = `${number}${delimiter}${line}${delimiter}`;
      if (regular) out.add(prefix, all, start, end);
      else out.addText(`${prefix}${recordOf(fieldsOf(textOf(record), delimiter), delimiter)}`);
    },
    bad({ line, reason, bytes: raw }) {
      if (heading.header === undefined)
        throw new BadData(`${file.name}:${line}: ${reason}, in what should be the header line`);
      rejected(line, reason, decoder.decode(raw));
    },
  };
  const reader = new RecordReader(delimiter, sink, heading.firstLine);
  await out.writeAll(bytes, reader, { signal, onPiece: () => onRows?.(heading.rows) });
  heading.end();
}

/** The beginning of a text on one line. */
export function shortened(record: string): string {
  const line = record.replaceAll(/[\r\n]+$/g, '').replaceAll('\u0000', '\\0');
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line;
}
