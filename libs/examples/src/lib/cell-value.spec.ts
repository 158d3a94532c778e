import { describe, expect, it } from 'vitest';
import { integerOf, numberOf, textOf, whyNoValue } from './cell-value.ts';
import { valueVectors } from '../testing.ts';

const numeric = (value: number | undefined): number | null | undefined => (Number.isNaN(value) ? null : value);

describe('a cell', () => {
  it.each(valueVectors)(
    '$raw is $text, $integer, $float as text, integer and float',
    ({ raw, text, integer, float }) => {
      expect(textOf(raw)).toBe(text);
      // toEqual: 0 and −0 are one value here.
      expect((numeric(integerOf(raw)) ?? null) === (integer ?? null)).toBe(true);
      expect(integerOf(raw) === undefined).toBe(integer === undefined);
      expect((numeric(numberOf(raw)) ?? null) === (float ?? null)).toBe(true);
      expect(numberOf(raw) === undefined).toBe(float === undefined);
    },
  );

  it.each([
    ['float', 'red', '"red" is no finite number'],
    ['integer', 30.7, '30.7 is no whole number'],
    ['integer', 9007199254740993n, '9007199254740993 is beyond 2^53'],
    ['integer', '1e400', '"1e400" is no finite number'],
    ['string', 'a\u0000', '"a\\u0000" holds a NUL'],
    ['float', 'x'.repeat(1000), `"${'x'.repeat(60)}…" is no finite number`],
  ] as const)('that is no %s: %s', (type, raw, reason) => {
    expect(whyNoValue(type, raw)).toBe(reason);
  });
});
