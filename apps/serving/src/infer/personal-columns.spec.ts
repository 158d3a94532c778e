import { describe, expect, it } from 'vitest';
import { pseudonym, withPseudonyms } from './pseudonyms.ts';

describe('pseudonyms', () => {
  it('are the first 16 hex digits of the sha256', () => {
    // FIPS 180-2, appendix B.1: sha256("abc") = ba7816bf 8f01cfea 4141…
    expect(pseudonym('abc')).toBe('ba7816bf8f01cfea');
  });

  it('take the place of values, and of numbers by their digits; missing stays missing', () => {
    const { columns } = withPseudonyms(
      {
        rows: 3,
        columns: new Map([
          ['user', { type: 'string' as const, values: ['abc', null, ''] }],
          ['account', { type: 'integer' as const, values: Float64Array.of(7, NaN, 7) }],
          ['site', { type: 'string' as const, values: ['abc', 'abc', 'abc'] }],
        ]),
      },
      ['user', 'account', 'absent'],
    );
    expect(columns.get('user')?.values).toEqual(['ba7816bf8f01cfea', null, null]);
    // printf 7 | sha256sum
    expect(columns.get('account')?.values).toEqual(['7902699be42c8a8e', null, '7902699be42c8a8e']);
    expect(columns.get('site')?.values).toEqual(['abc', 'abc', 'abc']);
    expect(columns.has('absent')).toBe(false);
  });
});
