import { describe, expect, it } from 'vitest';
import { splitPoint } from './split-point.ts';

describe('splitPoint', () => {
  it('spreads values evenly', () => {
    const tenth = Array.from({ length: 20_000 }, (_, index) => splitPoint(`user-${index}`)).filter(
      (point) => point < 0.1,
    ).length;
    // Binomial(20000, 0.1): mean 2000, deviation 42; five deviations.
    expect(Math.abs(tenth - 2000)).toBeLessThan(212);
  });
  it('keeps a value on its side, whatever its length', () => {
    expect(splitPoint('a')).toBe(splitPoint('a'));
    expect(splitPoint('')).not.toBe(splitPoint(' '));
    expect(splitPoint('é')).toBeGreaterThanOrEqual(0);
    expect(splitPoint('é')).toBeLessThan(1);
  });
});
