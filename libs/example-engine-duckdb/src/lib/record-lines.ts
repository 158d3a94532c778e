import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

const quote = 34;
const newline = 10;

/**
 * The line on which each asked-for record of a CSV file begins (1-based; record 0 is the header). Quoted newlines are
 * counted, blank lines are no records. `records` ascending.
 */
export async function linesOfRecords(path: string, records: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const source = createReadStream(path);
  const stream = path.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  const found = new Map<number, number>();
  const wanted = new Set(records);
  let [record, line, start, bytesInRecord, inQuotes] = [0, 1, 1, 0, false];
  const end = (): void => {
    if (bytesInRecord === 0) return;
    if (wanted.has(record)) found.set(record, start);
    record += 1;
    bytesInRecord = 0;
  };
  for await (const chunk of stream) {
    for (const byte of chunk as Buffer) {
      if (byte === quote) inQuotes = !inQuotes;
      if (byte !== newline) {
        if (byte !== 13) bytesInRecord += 1;
        continue;
      }
      line += 1;
      if (inQuotes) continue;
      end();
      start = line;
    }
    if (found.size === wanted.size) break;
  }
  end();
  source.destroy();
  return found;
}
