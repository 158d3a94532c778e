import { describe, expect, it } from 'vitest';
import { delimiterOf, encodingOf } from './dialect.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('delimiterOf', () => {
  it.each([
    ['a,b\n1,2\n', ','],
    ['a;b\n1,5;2\n', ';'],
    ['a\tb, c\n1\t2\n', '\t'],
    ['a|b\n1|2\n', '|'],
    ['a\n1\n', ','],
    ['', ','],
    ['name;price\n"x,y";1,5\n"z";2,5\n', ';'],
    // Commas in a text of a comma-separated file with one semicolon in the header.
    ['sep=;\na,b,c;d\n1,2,3;4\n', ';'],
    ['"sep=|"\r\na,b|c\r\n', '|'],
    ['sep=x\na,b\n', ','],
    ['  \n,,\na;b\n1;2\n', ';'],
    ['id,text;note,y\n1,a,0\n2,b;c,1\n', ','],
  ])('of %j is %j', (text, delimiter) => {
    expect(delimiterOf(utf8(text))).toBe(delimiter);
  });

  it.each([
    ['a,b,c;1\nd,e,f;0\n', 2, ';'],
    // No delimiter gives so many: as without a word.
    ['1,5\n2,5\n', 7, ','],
    ['', 3, ','],
    // A comma in one record of three.
    ['a\tb\t1\nc\td, e\t0\nf\tg\t0\n', 2, '\t'],
  ])('of %j with %i fields is %j', (text, due, delimiter) => {
    expect(delimiterOf(utf8(text), due)).toBe(delimiter);
  });
});

describe('encodingOf', () => {
  const latin = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
  it.each([
    ['plain ASCII', utf8('a,b\n1,2\n'), 'utf-8', 0],
    ['a UTF-8 mark', Uint8Array.of(0xef, 0xbb, 0xbf, 97), 'utf-8', 3],
    ['a UTF-16 mark', Uint8Array.of(0xff, 0xfe, 97, 0), 'utf-16le', 2],
    ['a UTF-16 mark, big end first', Uint8Array.of(0xfe, 0xff, 0, 97), 'utf-16be', 2],
    ['UTF-16 without a mark', Uint8Array.from(Buffer.from('a,b\n1,2\n', 'utf16le')), 'utf-16le', 0],
    ['letters in UTF-8', utf8('é\né\né\n'), 'utf-8', 0],
    ['letters of Windows-1252', latin('é\né\né\n'), 'windows-1252', 0],
    ['one bad byte', latin('a\né\nb\nc\n'), 'utf-8', 0],
    ['bad lines among UTF-8', Uint8Array.from([...latin('é\né\né\n'), ...utf8('é\n')]), 'utf-8', 0],
    ['nothing', new Uint8Array(0), 'utf-8', 0],
  ] as const)('sees %s', (_what, head, encoding, mark) => {
    expect(encodingOf(head)).toEqual({ encoding, mark });
  });
});
