import { describe, expect, it } from 'vitest';
import { LineReader } from './line-reader.ts';

/** What a reader tells of bytes that come in chunks of a size. */
function read(bytes: Uint8Array, chunk: number): readonly string[] {
  const told: string[] = [];
  const reader = new LineReader({
    line: ({ line, text }) => told.push(`${line} ${text}`),
    bad: ({ line, reason }) => told.push(`${line} ! ${reason}`),
  });
  for (let at = 0; at < bytes.length; at += chunk) reader.write(bytes.subarray(at, at + chunk));
  reader.end();
  return told;
}

describe('LineReader', () => {
  it.each([1, 2, 3, 7, 1000])('tells lines by their number, however they come: %d bytes at once', (chunk) => {
    const bytes = Buffer.from('a\r\n\n  \nüb\nlast');
    expect(read(bytes, chunk)).toEqual(['1 a', '4 üb', '5 last']);
    const latin = Buffer.concat([Buffer.from('a\n'), Buffer.from([0xfc, 10]), Buffer.from('b\n')]);
    expect(read(latin, chunk)).toEqual(['1 a', '2 ! not UTF-8', '3 b']);
  });

  it('holds no line that is too long, and goes on after it', () => {
    const bytes = Buffer.concat([Buffer.alloc((8 << 20) + 1, 'x'), Buffer.from('\nb\n')]);
    expect(read(bytes, 1 << 20)).toEqual(['1 ! a line of more than 8388608 bytes', '2 b']);
  });
});
