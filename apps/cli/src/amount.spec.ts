import { describe, expect, it } from 'vitest';
import { amountOf } from './amount.ts';

describe('amountOf', () => {
  it.each([
    [0, 0, 'rows', ''],
    [12_000, 0, 'rows', 'rows'],
    [4, 9, 'columns', 'of 9 columns'],
    [0, 512, 'bytes', 'of 512 B'],
    [1_234_567, 3_400_000, 'bytes', 'of 3.4 MB'],
    [1, 20_000, 'images', 'of 20,000 images'],
  ])('says of %d of %d %s: %j', (done, total, unit, words) => {
    expect(amountOf(done, total, unit)).toBe(words);
  });
});
