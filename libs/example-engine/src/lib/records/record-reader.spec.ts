import { describe, expect, it } from 'vitest';
import { fieldsOf, recordOf } from './fields-of.ts';
import { type BadRecord, RecordReader } from './record-reader.ts';

/** Reads bytes in chunks of a size: `line:record` of what is good, `line:reason` of what is bad. */
function read(text: string | Uint8Array, chunk = 1 << 20, delimiter = ','): { good: string[]; bad: string[] } {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const [good, bad]: [string[], string[]] = [[], []];
  const reader = new RecordReader(delimiter, {
    record: ({ bytes: all, start, end, line, fields }) =>
      good.push(`${line}:${fields}:${new TextDecoder().decode(all.subarray(start, end))}`),
    bad: ({ line, reason }: BadRecord) => bad.push(`${line}:${reason}`),
  });
  for (let at = 0; at < bytes.length; at += chunk) reader.write(bytes.subarray(at, at + chunk));
  reader.end();
  return { good, bad };
}

describe('RecordReader', () => {
  it.each<[what: string, text: string, good: string[], bad: RegExp[]]>([
    ['plain records', 'a,b\n1,2\n', ['1:2:a,b', '2:2:1,2'], []],
    ['a last line without an end', 'a,b\n1,2', ['1:2:a,b', '2:2:1,2'], []],
    ['line ends of three kinds', 'a\r\nb\rc\nd', ['1:1:a', '2:1:b', '3:1:c', '4:1:d'], []],
    ['blank lines, which count as lines', 'a\n\n\r\nb\n', ['1:1:a', '4:1:b'], []],
    ['quotes with delimiters and line ends in them', 'a,"x,\n""y"""\nb,c\n', ['1:2:a,"x,\n""y"""', '3:2:b,c'], []],
    ['a quote inside a word', '5" pipe,2\n', ['1:2:5" pipe,2'], []],
    ['a quoted field with a tail', '"a"b,1\n2,3\n', ['2:2:2,3'], [/^1:a quoted field does not end/]],
    [
      'a quote that never closes',
      'a,b\n1,"x\n2,y\n3,z\n',
      ['1:2:a,b', '3:2:2,y', '4:2:3,z'],
      [/^2:a quote is opened that never closes/],
    ],
    [
      'a quote that closes where another opens',
      '1,"x\n2,y\n3,"z"\n4,w\n',
      ['2:2:2,y', '3:2:3,"z"', '4:2:4,w'],
      [/^1:a quoted field does not end/],
    ],
    ['a NUL', 'a\u0000b,1\n2,3\n', ['2:2:2,3'], [/^1:holds a NUL/]],
    ['nothing', '', [], []],
    ['nothing but line ends', '\n\r\n\n', [], []],
  ])('reads %s, whatever the size of the chunks', (_what, text, good, bad) => {
    for (const chunk of [1, 2, 3, 7, 1 << 20]) {
      const found = read(text, chunk);
      expect(found.good).toEqual(good);
      expect(found.bad).toEqual(bad.map((pattern) => expect.stringMatching(pattern)));
    }
  });

  it('sets one line aside for one byte that is no UTF-8', () => {
    const bytes = Uint8Array.from([...Buffer.from('é,1\nb'), 0xe9, ...Buffer.from(',2\nc,3\n')]);
    expect(read(bytes)).toEqual({ good: ['1:2:é,1', '3:2:c,3'], bad: ['2:not UTF-8'] });
  });

  it('loses no line, whatever it is given', () => {
    // A linear congruential generator (Numerical Recipes) over an alphabet of what matters: each line is a record, bad, part of a
    // quoted field, or blank; the lines on which records and bad lines begin ascend.
    let seed = 7;
    const next = (below: number): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) % below;
    for (let round = 0; round < 500; round += 1) {
      const text = Array.from({ length: next(60) }, () => '",\n\ra1 é'.charAt(next(8))).join('');
      const whole = read(text);
      expect(read(text, 1 + next(9))).toEqual(whole);
      const lines = [...whole.good, ...whole.bad].map((one) => Number.parseInt(one, 10)).sort((a, b) => a - b);
      expect(new Set(lines).size).toBe(lines.length);
      const begun = text.split(/\r\n|\r|\n/);
      for (const [index, line] of begun.entries()) {
        const inside = whole.good.some((one) => {
          const first = Number.parseInt(one, 10);
          return index + 1 > first && index + 1 < first + one.split(/\r\n|\r|\n/).length;
        });
        expect(line === '' || inside || lines.includes(index + 1), JSON.stringify(text)).toBe(true);
      }
    }
  });
});

describe('fieldsOf', () => {
  it.each<[record: string, fields: string[]]>([
    ['a,b', ['a', 'b']],
    ['', ['']],
    ['a,', ['a', '']],
    ['"a,""b""",c', ['a,"b"', 'c']],
    ['5" pipe,1', ['5" pipe', '1']],
    ['"",x', ['', 'x']],
  ])('takes %j apart, and recordOf puts it together', (record, fields) => {
    expect(fieldsOf(record, ',')).toEqual(fields);
    expect(fieldsOf(recordOf(fields, ','), ',')).toEqual(fields);
  });
});
