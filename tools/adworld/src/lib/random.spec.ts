import { describe, expect, it } from 'vitest';
import { opaqueId } from './opaque-id.ts';
import { Random } from './random.ts';
import { WeightedChoice } from './weighted-choice.ts';

describe('Random', () => {
  it('gives the same numbers for the same seed and keys, others for others', () => {
    const first = (random: Random): number[] => Array.from({ length: 8 }, () => random.integer());
    expect(first(new Random(7, 'rows', 3))).toEqual(first(new Random(7, 'rows', 3)));
    for (const other of [new Random(8, 'rows', 3), new Random(7, 'rows', 4), new Random(7, 'ads', 3)]) {
      expect(first(other)).not.toEqual(first(new Random(7, 'rows', 3)));
    }
  });

  it('draws normal numbers with mean 0, deviation 1 and the normal share within one deviation', () => {
    const random = new Random(1, 'normal');
    const draws = Array.from({ length: 100_000 }, () => random.normal());
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    const variance = draws.reduce((sum, draw) => sum + draw * draw, 0) / draws.length;
    // Five standard errors: 1/√n, √(2/n), √(0.6827 · 0.3173 / n).
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(1e5));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / 1e5));
    expect(Math.abs(draws.filter((draw) => Math.abs(draw) < 1).length / 1e5 - 0.6827)).toBeLessThan(
      5 * Math.sqrt(0.217 / 1e5),
    );
  });
});

describe('WeightedChoice', () => {
  it('draws in proportion to the weights', () => {
    const random = new Random(2, 'choice');
    const choice = new WeightedChoice([1, 0, 2, 5]);
    const counts = [0, 0, 0, 0];
    for (let draw = 0; draw < 80_000; draw++) counts[choice.draw(random)]!++;
    // Expected 10,000, 0, 20,000, 50,000; the largest standard error is √(80000 · 5/8 · 3/8) ≈ 137.
    expect(counts[1]).toBe(0);
    for (const [index, expected] of [
      [0, 10_000],
      [2, 20_000],
      [3, 50_000],
    ] as const)
      expect(Math.abs(counts[index]! - expected)).toBeLessThan(5 * 137);
  });

  it('refuses weights that cannot be drawn from', () => {
    expect(() => new WeightedChoice([0, 0])).toThrow(new RangeError('weights must have a positive, finite sum, got 0'));
    expect(() => new WeightedChoice([3, -1])).toThrow(new RangeError('weight 1 must be >= 0, got -1'));
  });
});

describe('opaqueId', () => {
  it('differs for different pairs, also where the halves change places', () => {
    const ids = new Set<string>();
    for (let high = 0; high < 50; high++) for (let low = 0; low < 400; low++) ids.add(opaqueId(7, high, low));
    expect(ids.size).toBe(20_000);
    expect([...ids].every((id) => /^[0-9a-f]{16}$/.test(id))).toBe(true);
  });
});
