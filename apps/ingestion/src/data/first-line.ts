import { closeSync, constants, openSync, readSync } from 'node:fs';
import { gunzipSync, constants as zlib } from 'node:zlib';

/** Bytes of a file that are looked at. */
const looked = 1 << 16;

/** What a file begins with, up to the end of a line: unpacked where it is a gzip, also one that was cut. '' where there is nothing. */
export function firstLine(path: string): string {
  const file = openSync(path, constants.O_RDONLY);
  try {
    const bytes = Buffer.alloc(looked);
    const start = bytes.subarray(0, readSync(file, bytes, 0, looked, 0));
    const text = start[0] === 0x1f && start[1] === 0x8b ? unpacked(start) : start;
    return text.toString('utf8').split(/[\r\n]/, 1)[0] ?? '';
  } finally {
    closeSync(file);
  }
}

function unpacked(start: Buffer): Buffer {
  try {
    return gunzipSync(start, { finishFlush: zlib.Z_SYNC_FLUSH, maxOutputLength: 64 << 20 });
  } catch {
    return start;
  }
}
