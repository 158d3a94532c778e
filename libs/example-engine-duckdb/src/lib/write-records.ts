import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import {
  BadData,
  type DataFile,
  fieldsOf,
  type RawRecord,
  RecordReader,
  recordOf,
  type Reject,
  type ScanOptions,
  type TextFormat,
} from '@adstocrat/example-engine';
import { textBytes } from './text-bytes.ts';
import { headerOf, type Header } from './csv-header.ts';

/** A CSV file's records as they were written for DuckDB: without a header, `<file number><delimiter><line><delimiter>` before each. */
export interface WrittenRecords {
  /** Undefined for a file without a record. */
  readonly header: Header | undefined;
  readonly format: TextFormat;
  readonly rows: number;
}

/** Bytes that are gathered before they are written. */
const bufferBytes = 1 << 20;
/** Characters of a record that a reject shows. */
export const shownCharacters = 200;

/**
 * Reads a CSV file and writes the records that have as many fields as its header to `to`. The others are rejected, each with its line.
 * Throws {@link BadData} for a header that names no columns or one twice, and for a damaged archive.
 */
export async function writeRecords(
  file: DataFile,
  number: number,
  to: string,
  options: ScanOptions,
  { reject, signal }: { readonly reject: (reject: Reject) => void; readonly signal?: AbortSignal | undefined },
): Promise<WrittenRecords> {
  const { format, bytes } = await textBytes(file, options);
  const { delimiter } = format;
  const out = new RecordWriter(to);
  let header: Header | undefined;
  let headerBytes: Uint8Array | undefined;
  let rows = 0;
  const decoder = new TextDecoder();
  const textOf = ({ bytes: all, start, end }: RawRecord): string => decoder.decode(all.subarray(start, end));
  const rejected = (line: number, reason: string, record: string): void => {
    reject({ file: file.name, line, reason, ...(options.withheld !== true && { text: shortened(record) }) });
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
      } else if (headerBytes !== undefined && equal(headerBytes, all, start, end))
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
  try {
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      reader.write(chunk);
      await out.drained();
    }
    reader.end();
  } finally {
    await out.close();
  }
  return { header, format, rows };
}

/** The beginning of a text on one line. */
export function shortened(record: string): string {
  const line = record.replaceAll(/[\r\n]+$/g, '').replaceAll('\u0000', '\\0');
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line;
}

function equal(header: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (header.length !== end - start) return false;
  for (let at = 0; at < header.length; at += 1) if (header[at] !== bytes[start + at]) return false;
  return true;
}

/** Gathers records, a line each. */
class RecordWriter {
  readonly #stream: ReturnType<typeof createWriteStream>;
  #buffer = Buffer.allocUnsafe(bufferBytes);
  #used = 0;
  #full = false;

  constructor(path: string) {
    this.#stream = createWriteStream(path);
    // Said by `drained` or `close`.
    this.#stream.on('error', () => undefined);
  }

  add(prefix: string, bytes: Uint8Array, start: number, end: number): void {
    this.#reserve(prefix.length + (end - start) + 1);
    this.#used += this.#buffer.write(prefix, this.#used, 'latin1');
    this.#buffer.set(bytes.subarray(start, end), this.#used);
    this.#used += end - start;
    this.#buffer[this.#used] = 10;
    this.#used += 1;
  }

  addText(record: string): void {
    const bytes = Buffer.from(record);
    this.add('', bytes, 0, bytes.length);
  }

  /** Waits while the disk is behind. */
  async drained(): Promise<void> {
    if (this.#stream.errored !== null) throw this.#stream.errored;
    if (!this.#full) return;
    this.#full = false;
    await once(this.#stream, 'drain');
  }

  async close(): Promise<void> {
    this.#flush(0);
    this.#stream.end();
    await finished(this.#stream);
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes > this.#buffer.length) this.#flush(bytes);
  }

  #flush(next: number): void {
    if (this.#used > 0 && !this.#stream.write(this.#buffer.subarray(0, this.#used))) this.#full = true;
    this.#buffer = Buffer.allocUnsafe(Math.max(bufferBytes, next));
    this.#used = 0;
  }
}
