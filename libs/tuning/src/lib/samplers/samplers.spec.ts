import { describe, expect, it } from 'vitest';
import { splitMix32 } from '@adstocrat/models';
import type { Point, Space } from '../parameter.ts';
import { samplers, type SamplerName } from './samplers.ts';
import type { Seen } from './sampler.ts';

/** One branch has its least at x = 0.8, w = 0.2 and goes down to 0; the other to 0.3 at best. */
const space: Space = [
  { name: 'branch', choices: ['good', 'poor', 'worse'] },
  { name: 'rate', scale: 'log', from: 1e-4, to: 1 },
  { name: 'x', scale: 'even', from: 0, to: 1, when: { parameter: 'branch', is: ['good'] } },
  { name: 'w', scale: 'even', from: 0, to: 1 },
];

function lossOf({ branch, rate, x = 0, w }: Point): number {
  const base = { good: 0, poor: 0.3, worse: 0.6 }[String(branch)] ?? NaN;
  return (
    base +
    (Math.log10(Number(rate)) + 2) ** 2 / 4 +
    (branch === 'good' ? (Number(x) - 0.8) ** 2 * 2 : 0) +
    (Number(w) - 0.2) ** 2
  );
}

function bestOf(sampler: SamplerName, seed: number, trials: number): number {
  const seen: Seen[] = [];
  const bits = splitMix32(seed);
  for (let trial = 0; trial < trials; trial += 1) {
    const point = samplers[sampler](space, seen, () => bits() / 2 ** 32);
    seen.push({ point, rung: 1, loss: lossOf(point) });
  }
  return Math.min(...seen.map(({ loss }) => loss));
}

describe.each(Object.keys(samplers) as SamplerName[])('%s', (name) => {
  it('draws points of the space, with what means something in them and nothing else, the same from the same seed', () => {
    const draw = (): readonly Point[] => {
      const bits = splitMix32(3);
      const seen: Seen[] = [];
      for (let trial = 0; trial < 60; trial += 1) {
        const point = samplers[name](space, seen, () => bits() / 2 ** 32);
        seen.push({ point, rung: 1, loss: lossOf(point) });
      }
      return seen.map(({ point }) => point);
    };
    const points = draw();
    for (const point of points) {
      expect(Object.hasOwn(point, 'x')).toBe(point['branch'] === 'good');
      expect(Number(point['rate'])).toBeGreaterThanOrEqual(1e-4);
      expect(Number(point['rate'])).toBeLessThanOrEqual(1);
    }
    expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(60);
    expect(draw()).toEqual(points);
  });
});

describe('tpe', () => {
  it('comes nearer to the least than random draws do, over forty seeds', () => {
    const seeds = Array.from({ length: 40 }, (_, seed) => seed + 1);
    const nearer = seeds.filter((seed) => bestOf('tpe', seed, 60) < bestOf('random', seed, 60)).length;
    // Were the two alike, 30 or more of 40 would come once in a thousand times (binomial: P = 0.0011).
    expect(nearer).toBeGreaterThanOrEqual(30);
  });

  it('goes by who came further before it goes by the loss', () => {
    const at = (x: number, rung: number, loss: number): Seen => ({
      point: { branch: 'good', rate: 0.01, x, w: 0.5 },
      rung,
      loss,
    });
    const further = Array.from({ length: 3 }, (_, index) => at(0.9 + index / 100, 3, 0.5));
    const stopped = Array.from({ length: 25 }, (_, index) => at(0.1 + index / 1000, 1, 0.1));
    const bits = splitMix32(1);
    const drawn = Array.from({ length: 20 }, () =>
      samplers.tpe(space, [...further, ...stopped], () => bits() / 2 ** 32),
    );
    const near = drawn.filter(({ x = 0 }) => Number(x) > 0.5);
    expect(near.length).toBeGreaterThanOrEqual(15);
  });
});
