import { RecordReader } from '@adstocrat/example-engine';
import type { CsvHeading } from './csv-heading.ts';
import type { TextBytes } from './text-bytes.ts';

const [lineFeed, carriageReturn] = [10, 13];

/**
 * Reads a CSV file, and says whether DuckDB can read it as it lies: the header is its first line, where it has one, each record begins on
 * the next, has as many fields and ends with LF; there is a row. It stops at the first that does not. Throws BadData for a header that
 * names no columns or one twice, and for declared names that the file contradicts.
 */
export async function isRegular(
  { format: { delimiter }, bytes }: Pick<TextBytes, 'format' | 'bytes'>,
  heading: CsvHeading,
  { signal, onRows }: { readonly signal: AbortSignal | undefined; readonly onRows: (rows: number) => void },
): Promise<boolean> {
  let regularSoFar = true;
  const reader = new RecordReader(delimiter, {
    record(record) {
      const taken = heading.take(record);
      const due = taken === 'names' ? 1 : heading.rows + heading.lines;
      regularSoFar &&=
        record.regular &&
        record.bytes[record.end] !== carriageReturn &&
        (taken === 'names' || taken === 'row') &&
        record.line === due;
    },
    bad() {
      regularSoFar = false;
    },
  });
  let end = new Uint8Array(0);
  for await (const chunk of bytes) {
    signal?.throwIfAborted();
    reader.write(chunk);
    if (!regularSoFar) return false;
    end = Uint8Array.from([...end, ...chunk.subarray(-2)]).slice(-2);
    onRows(heading.rows);
  }
  reader.end();
  const endsBlank = end.length === 2 && end.every((byte) => byte === lineFeed);
  return regularSoFar && !endsBlank && heading.rows > 0;
}
