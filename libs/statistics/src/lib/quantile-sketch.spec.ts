import { describe, expect, it } from 'vitest';
import { QuantileSketch } from './quantile-sketch.ts';

/** A permutation of 0 … n − 1 for n prime to the factor. */
const spread = (n: number): readonly number[] => Array.from({ length: n }, (_, index) => (index * 7919) % n);
const sketched = (values: readonly number[]): QuantileSketch => {
  const sketch = new QuantileSketch();
  sketch.addAll(values);
  return sketch;
};
const at = [0, 0.001, 0.1, 0.25, 0.5, 0.7, 0.8, 0.9, 0.999, 1];
/** Nearest rank of the numbers 0 … n − 1. */
const exact = (n: number): readonly number[] => at.map((probability) => Math.max(1, Math.ceil(probability * n)) - 1);

describe('QuantileSketch', () => {
  it('is exact for few numbers', () => {
    expect(sketched(spread(1000)).quantiles(at)).toEqual(exact(1000));
    expect(sketched([3, -1, -1, 7]).quantiles([0, 0.25, 0.5, 0.75, 1])).toEqual([-1, -1, -1, 3, 7]);
  });

  it.each([
    ['spread', spread(300_000)],
    ['ascending', Array.from({ length: 300_000 }, (_, index) => index)],
    ['descending', Array.from({ length: 300_000 }, (_, index) => 299_999 - index)],
  ])('answers with a rank within its bound: %s', (_order, values) => {
    const n = values.length;
    const bound = (Math.log2(n / 2048) / 4096) * n;
    const found = sketched(values).quantiles(at);
    for (const [index, rank] of exact(n).entries())
      expect(Math.abs((found[index] ?? NaN) - rank), `at ${at[index]}`).toBeLessThanOrEqual(bound);
    // The ends are exact.
    expect([found[0], found[1], found[8], found[9]]).toEqual([0, 299, 299_699, 299_999]);
  });

  it('merges parts into what stands for all of them, the same each time', () => {
    const values = spread(100_000);
    const parts = [0, 1, 2, 3].map((part) => sketched(values.slice(part * 25_000, (part + 1) * 25_000)).summary());
    const merged = QuantileSketch.from(parts);
    expect(merged.summary()).toEqual(QuantileSketch.from(structuredClone(parts)).summary());
    const [median = NaN] = merged.quantiles([0.5]);
    expect(Math.abs(median - 49_999)).toBeLessThanOrEqual((Math.log2(100_000 / 2048) / 4096) * 100_000);
    // Weights add up: nothing is lost.
    const { count, levels } = merged.summary();
    expect(levels.reduce((sum, level, index) => sum + level.length * 2 ** index, 0)).toBe(count);
  });

  it('leaves missing numbers out', () => {
    expect(sketched([NaN, 2, NaN, 1]).quantiles([0, 1])).toEqual([1, 2]);
  });

  it('has none of no numbers', () => {
    expect(() => new QuantileSketch().quantiles([0.5])).toThrow(RangeError);
  });
});
