import { describe, expect, it } from 'vitest';
import { sizeOf } from './amount.ts';

describe('sizeOf', () => {
  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [3_400_000, '3.4 MB'],
    [1e12, '1.0 TB'],
    [5e15, '5000.0 TB'],
  ])('says of %d bytes %s', (bytes, words) => {
    expect(sizeOf(bytes)).toBe(words);
  });
});
