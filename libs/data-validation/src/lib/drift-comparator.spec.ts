import { describe, expect, it } from 'vitest';
import { type Histogram, jensenShannonBits } from './drift-comparator.ts';

const histogram = (counts: Record<string, number>): Histogram => new Map(Object.entries(counts));

describe('jensenShannonBits', () => {
  it.each([
    { why: 'same proportions, different volume', a: { mobile: 1, web: 3 }, b: { mobile: 10, web: 30 }, bits: 0 },
    { why: 'no category in common', a: { mobile: 7 }, b: { web: 2 }, bits: 1 },
    // By hand: ½·KL(½,½ ‖ ¾,¼) + ½·KL(1,0 ‖ ¾,¼) = ¾·log2(4/3).
    { why: 'half of the mass moved', a: { mobile: 1, web: 1 }, b: { mobile: 2 }, bits: 0.75 * Math.log2(4 / 3) },
  ])('is $bits bits for $why', ({ a, b, bits }) => {
    expect(jensenShannonBits(histogram(a), histogram(b))).toBeCloseTo(bits, 12);
  });

  it('does not depend on which side is the baseline', () => {
    const yesterday = histogram({ mobile: 90, web: 9, tv: 1 });
    const today = histogram({ mobile: 40, web: 60 });
    expect(jensenShannonBits(yesterday, today)).toBeCloseTo(jensenShannonBits(today, yesterday), 12);
  });

  it('names the side and the category of a bad count', () => {
    expect(() => jensenShannonBits(histogram({ web: 1 }), histogram({ web: -1 }))).toThrow(
      new RangeError('current count of "web" must be finite and >= 0, got -1'),
    );
  });
});
