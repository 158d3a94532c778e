import { describe, expect, it } from 'vitest';
import { parsePlainTime } from './plain-time.ts';

/** The text with one character another. */
const changed = (text: string, at: number, to: string): string => text.slice(0, at) + to + text.slice(at + 1);

describe('parsePlainTime', () => {
  it.each([
    '1970-01-01T00:00:00',
    '2026-02-03T04:05:06Z',
    '2026-02-03 04:05:06',
    '2026-02-03T04:05:06.789',
    '2026-02-03 04:05:06.789Z',
    '1987-10-19T23:59:59.999Z',
    '0099-09-08T07:06:05.004Z',
    '9999-12-31T23:59:59.999',
  ])('reads %s as Date does', (text) => {
    expect(parsePlainTime(text)).toBe(Date.parse(`${text.replace(' ', 'T').replace('Z', '')}Z`));
  });

  it.each([
    '',
    '2026-02-03',
    '2026-02-03T04:05',
    '2026-02-03T04:05:0',
    '2026-02-03T04:05:6Z',
    '2026-02-03T04:05:06.7',
    '2026-02-03T04:05:06.78Z',
    '2026-02-03T04:05:06.7890',
    '2026-02-03T04:05:06.78901Z',
    '2026-02-03T04:05:06+01',
    '2026-02-03T04:05:06,789',
    '2026-02-03T24:00:00',
    '2026-02-03T00:60:00',
    '2026-02-03T00:00:60',
    '2026-02-30T00:00:00',
  ])('leaves %s to others', (text) => {
    expect(parsePlainTime(text)).toBeNaN();
  });

  it('leaves a text with any of its characters another, but for digits', () => {
    const text = '2026-02-03T04:05:06.789Z';
    for (let at = 0; at < text.length - 1; at += 1)
      // Beside the digits in Unicode: / and :. Beside the marks: , . / 9 ; S U ! and so on.
      for (const to of [
        '/',
        ':',
        String.fromCharCode(text.charCodeAt(at) + 1),
        String.fromCharCode(text.charCodeAt(at) - 1),
      ])
        if (to !== text[at] && !/\d/.test(to))
          expect(parsePlainTime(changed(text, at, to)), changed(text, at, to)).toBeNaN();
    expect(parsePlainTime(changed(text, 10, '!'))).toBeNaN();
    expect(parsePlainTime(changed(text, 23, '['))).toBeNaN();
  });
});
