import { describe, expect, it } from 'vitest';
import { expectedQuality } from './expected-quality.ts';
import { gatherSeeds, type SeedResult } from './gather-seeds.ts';

const [half, sure] = [Float64Array.of(0.5, 0.5), Float64Array.of(0.25, 0.75)];

function resultOf(ours: Float64Array): SeedResult {
  const peers = new Map([
    ['coin', half],
    ['oracle', sure],
  ]);
  const scored = new Map(
    [['adstocrat', ours] as const, ...peers].map(([name, scores]) => [name, expectedQuality(scores, sure)]),
  );
  return { scored, scores: ours, peers, probabilities: sure };
}

describe('gatherSeeds', () => {
  it('compares with the best peer, over seeds', () => {
    const { best, above, means } = gatherSeeds([resultOf(sure), resultOf(half)]);
    expect(best).toBe('oracle');
    // One seed is level with the oracle; the other is a coin: ln 2 less the entropy of one in four.
    const entropy = -0.25 * Math.log(0.25) - 0.75 * Math.log(0.75);
    expect(above.mean).toBeCloseTo((Math.LN2 - entropy) / 2, 12);
    expect(means.get('adstocrat')?.logLoss).toBeCloseTo((Math.LN2 + entropy) / 2, 12);
    // All rows of a seed differ alike, so that only the seeds tell of the error: half of their distance.
    expect(above.standardError).toBeCloseTo((Math.LN2 - entropy) / 2, 12);
  });

  it('throws where there is nothing to compare', () => {
    expect(() => gatherSeeds([])).toThrow(RangeError);
  });
});
