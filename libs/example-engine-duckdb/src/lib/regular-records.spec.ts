import { describe, expect, it } from 'vitest';
import { commentsAbove } from '@adstocrat/example-engine';
import { CsvHeading } from './csv-heading.ts';
import { lineEndOf } from './regular-records.ts';

/** Read a piece of so many bytes at a time. */
async function read(text: string, pieceBytes = 1 << 16, columns?: readonly string[]): Promise<string | undefined> {
  const whole = new TextEncoder().encode(text);
  const comments = commentsAbove(whole);
  const sample = whole.subarray(comments.bytes);
  const format = { encoding: 'utf-8', delimiter: ',' } as const;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < sample.length; at += pieceBytes) yield sample.slice(at, at + pieceBytes);
  }
  const declared = columns && { names: columns, key: 'columns' };
  const heading = new CsvHeading({ path: '', name: 'a.csv' }, { format, sample, comments }, declared);
  return lineEndOf({ format, bytes: bytes() }, heading, { signal: undefined, onRows: () => undefined });
}

describe('lineEndOf', () => {
  it.each([
    ['a,b\n1,2\n3,4\n', '\n'],
    ['a,b\n1,2\n3,"4, ""5"""', '\n'],
    ['a,b\r\n1,2\r\n3,4\r\n', '\r\n'],
    ['a,b\r\n1,2\r\n3,"4"', '\r\n'],
    ['a,b\r\n"1","2"\r\n3,ü\r\n', '\r\n'],
  ])('of %j is %j, in pieces of any size', async (text, end) => {
    for (const piece of [1, 2, 3, 5, 100]) expect(await read(text, piece)).toBe(end);
  });

  it.each([
    ['another end of the header', 'a,b\r\n1,2\n3,4\n'],
    ['another end of one line', 'a,b\n1,2\r\n3,4\n'],
    ['another end of the last', 'a,b\r\n1,2\r\n3,4\n'],
    ['half an end of the last', 'a,b\r\n1,2\r\n3,4\r'],
    ['half ends', 'a,b\r1,2\r3,4\r'],
    ['a blank line at the end', 'a,b\r\n1,2\r\n\r\n'],
    ['a blank line of one character at the end', 'a,b\r\n1,2\r\n\n'],
    ['half a line end after the end', 'a,b\n1,2\n\r'],
    ['a blank line between', 'a,b\r\n\r\n1,2\r\n'],
    ['a line end in quotes', 'a,b\r\n1,"2\r\n3"\r\n4,5\r\n'],
    ['half a line end in quotes', 'a,b\r\n1,"2\r3"\r\n4,5\r\n'],
    ['a comment above the header', '# of 2026\na,b\n1,2\n3,4\n'],
    ['no row', 'a,b\r\n'],
    ['a short record', 'a,b\r\n1\r\n2,3\r\n'],
    ['a quote within a cell', 'a,b\r\n1"2,3\r\n'],
  ])('is undefined with %s, in pieces of any size', async (_, text) => {
    for (const piece of [1, 2, 3, 5, 100]) expect(await read(text, piece)).toBeUndefined();
  });

  it('is that of the rows where the names are declared', async () => {
    expect(await read('1,2\r\n3,4\r\n', 100, ['a', 'b'])).toBe('\r\n');
    expect(await read('1,2', 100, ['a', 'b'])).toBe('\n');
    expect(await read('a,b\r\n3,4\r\n', 100, ['a', 'b'])).toBeUndefined();
  });
});
