import { type DataFile, fieldsOf, type Header, headerOf, RecordReader } from '@adstocrat/example-engine';
import type { TextBytes } from './text-bytes.ts';
import { isAgain } from './write-records.ts';

const [lineFeed, carriageReturn] = [10, 13];

/**
 * Reads a CSV file, and says what is in it where DuckDB can read it as it lies: the header is its first line, each record begins on the
 * next, has as many fields and ends with LF. Undefined at the first that does not. Throws BadData for a header that names no columns or
 * one twice.
 */
export async function regularRecords(
  file: DataFile,
  { format: { delimiter }, bytes }: Pick<TextBytes, 'format' | 'bytes'>,
  { signal, onRows }: { readonly signal: AbortSignal | undefined; readonly onRows: (rows: number) => void },
): Promise<{ readonly header: Header; readonly rows: number } | undefined> {
  let header: Header | undefined;
  let headerBytes = new Uint8Array(0);
  let [rows, isRegular] = [0, true];
  const reader = new RecordReader(delimiter, {
    record({ bytes: all, start, end, line, fields, regular }) {
      isRegular &&= regular && all[end] !== carriageReturn;
      if (header === undefined) {
        isRegular &&= line === 1;
        headerBytes = all.slice(start, end);
        header = headerOf(fieldsOf(new TextDecoder().decode(headerBytes), delimiter), `${file.name}:${line}`);
        return;
      }
      rows += 1;
      isRegular &&= line === rows + 1 && fields === header.fields.length && !isAgain(headerBytes, all, start, end);
    },
    bad() {
      isRegular = false;
    },
  });
  let end = new Uint8Array(0);
  for await (const chunk of bytes) {
    signal?.throwIfAborted();
    reader.write(chunk);
    if (!isRegular) return undefined;
    end = Uint8Array.from([...end, ...chunk.subarray(-2)]).slice(-2);
    onRows(rows);
  }
  reader.end();
  const endsBlank = end.length === 2 && end.every((byte) => byte === lineFeed);
  return isRegular && !endsBlank && header !== undefined && rows > 0 ? { header, rows } : undefined;
}
