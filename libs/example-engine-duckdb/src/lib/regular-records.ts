import { type RawRecord, RecordReader, type RecordSink } from '@adstocrat/example-engine';
import type { CsvHeading } from './csv-heading.ts';
import type { TextBytes } from './text-bytes.ts';

/** What all lines of a file end with. */
export type LineEnd = '\n' | '\r\n';

const [lineFeed, carriageReturn] = [10, 13];

/**
 * Reads a CSV file, and says what its lines end with where DuckDB can read it as it lies: the header is its first line, where it has one,
 * each record begins on the next, has as many fields and ends as the others, but that the last may end with the file; there is a row.
 * Undefined at the first that does not. Throws BadData for a header that names no columns or one twice, and for declared names that the
 * file contradicts.
 */
export async function lineEndOf(
  { format: { delimiter }, bytes }: Pick<TextBytes, 'format' | 'bytes'>,
  heading: CsvHeading,
  { signal, onRows }: { readonly signal: AbortSignal | undefined; readonly onRows: (rows: number) => void },
): Promise<LineEnd | undefined> {
  let isRegular = true;
  let lineEnd: LineEnd | undefined;
  const sink: RecordSink = {
    record(record) {
      const taken = heading.take(record);
      const due = taken === 'names' ? 1 : heading.rows + heading.lines;
      const end = endOf(record);
      lineEnd ??= end === '' ? '\n' : end;

      isRegular &&=
        record.regular &&
        (end === lineEnd || end === '') &&
        (taken === 'names' || taken === 'row') &&
        record.line === due;
    },
    bad() {
      isRegular = false;
    },
  };
  const reader = new RecordReader(delimiter, sink, heading.firstLine);
  let last = '';
  for await (const chunk of bytes) {
    signal?.throwIfAborted();
    reader.write(chunk);
    if (!isRegular) return undefined;
    last = (last + Buffer.from(chunk.subarray(-lastBytes)).toString('latin1')).slice(-lastBytes);
    onRows(heading.rows);
  }
  reader.end();
  // No blank line follows the last record.
  return isRegular && heading.rows > 0 && /[^\r\n](\r?\n)?$/.test(last) ? lineEnd : undefined;
}

const lastBytes = 3;

/** '' for the last record of a file that ends with it; undefined for one that ends with CR alone. */
function endOf({ bytes, end }: RawRecord): LineEnd | '' | undefined {
  if (bytes[end] === lineFeed) return '\n';
  if (bytes[end] === carriageReturn) return bytes[end + 1] === lineFeed ? '\r\n' : undefined;
  return '';
}
