import { describe, expect, it } from 'vitest';
import { bfloat16 } from './bfloat16.ts';

describe('bfloat16', () => {
  it.each([
    { bits: 0x3f80, value: 1 },
    { bits: 0xc2f7, value: -123.5 },
    { bits: 0x7f80, value: Infinity },
    { bits: 0x0001, value: 2 ** -133 },
    { bits: 0x7fc0, value: NaN },
  ])('reads $bits as $value', ({ bits, value }) => {
    expect(bfloat16(bits)).toBe(value);
  });
});
