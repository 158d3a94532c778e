import { describe, expect, it } from 'vitest';
import { splitMix32 } from '@adstocrat/models';
import type { Point, Space } from '../parameter.ts';
import { ParzenDensity } from './parzen.ts';

const space: Space = [
  { name: 'kind', choices: ['a', 'b', 'c'] },
  { name: 'x', scale: 'even', from: -2, to: 4 },
  { name: 'y', scale: 'log', from: 0.01, to: 100, when: { parameter: 'kind', is: ['a', 'b'] } },
];
const points: readonly Point[] = [
  { kind: 'a', x: -1.9, y: 0.02 },
  { kind: 'a', x: 0, y: 3 },
  { kind: 'c', x: 3.5 },
];

describe('a Parzen density over a tree of parameters', () => {
  it.each([0, 1, 3])('of %d points has an integral of 1 over all that a point may be', (count) => {
    const density = new ParzenDensity(space, points.slice(0, count));
    const cells = 120;
    const middle = (index: number): number => (index + 0.5) / cells;
    let integral = 0;
    for (let ix = 0; ix < cells; ix += 1) {
      const x = -2 + 6 * middle(ix);
      integral += Math.exp(density.logDensity({ kind: 'c', x })) / cells;
      for (const kind of ['a', 'b'])
        for (let iy = 0; iy < cells; iy += 1)
          integral += Math.exp(density.logDensity({ kind, x, y: 0.01 * 10_000 ** middle(iy) })) / cells ** 2;
    }
    expect(integral).toBeCloseTo(1, 3);
  });

  it('is even where there is no point: 1/3 for each of three words', () => {
    expect(new ParzenDensity(space, []).logDensity({ kind: 'c', x: 1 })).toBeCloseTo(Math.log(1 / 3), 12);
  });

  it('draws as often as it is dense', () => {
    const density = new ParzenDensity(space, points);
    const bits = splitMix32(5);
    const drawn = Array.from({ length: 20_000 }, () => density.draw(() => bits() / 2 ** 32));
    for (const point of drawn) {
      expect(Object.keys(point)).toEqual(point['kind'] === 'c' ? ['kind', 'x'] : ['kind', 'x', 'y']);
      expect(Number(point['x'])).toBeGreaterThanOrEqual(-2);
      expect(Number(point['x'])).toBeLessThanOrEqual(4);
    }
    // P(kind = a) from the density, by the rule for choices: kernels k = 4, so one of its own word has (4 + 1/3 · 3) / 7 = 5/7, another 1/7, the even one 1/3.
    const share = drawn.filter(({ kind }) => kind === 'a').length / drawn.length;
    const expected = (2 * (5 / 7) + 1 / 7 + 1 / 3) / 4;
    expect(Math.abs(share - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / drawn.length));
  });

  it('draws as many numbers of each tenth of their range as the density there says, close to where points lie close', () => {
    const near = Array.from({ length: 30 }, (_, index): Point => ({ kind: 'c', x: 1 + index / 100 }));
    const density = new ParzenDensity(space, near);
    const bits = splitMix32(6);
    const drawn = Array.from({ length: 20_000 }, () => density.draw(() => bits() / 2 ** 32));
    const without = drawn.filter(({ kind }) => kind === 'c');
    const massOf = (tenth: number): number =>
      Array.from({ length: 50 }, (_, index) => -2 + 6 * ((tenth + (index + 0.5) / 50) / 10)).reduce(
        (sum, x) => sum + Math.exp(density.logDensity({ kind: 'c', x })) / 500,
        0,
      );
    const masses = Array.from({ length: 10 }, (_, tenth) => massOf(tenth));
    const all = masses.reduce((sum, mass) => sum + mass, 0);
    for (const [tenth, mass] of masses.entries()) {
      const there = without.filter(({ x }) => Math.floor(((Number(x) + 2) / 6) * 10) === tenth).length / without.length;
      const p = mass / all;
      expect(Math.abs(there - p), `tenth ${tenth}`).toBeLessThan(4.5 * Math.sqrt((p * (1 - p)) / without.length));
    }
  });

  it('draws whole numbers, the outermost too, as likely as each other where nothing is known', () => {
    const whole: Space = [{ name: 'layers', scale: 'even', from: 1, to: 4, whole: true }];
    const density = new ParzenDensity(whole, []);
    const bits = splitMix32(2);
    const counts = new Map<number, number>();
    for (let draw = 0; draw < 8000; draw += 1) {
      const layers = Number(density.draw(() => bits() / 2 ** 32)['layers']);
      counts.set(layers, (counts.get(layers) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([1, 2, 3, 4]);
    // Each 2000 with a deviation of √(8000 · 1/4 · 3/4) = 38.7.
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(4 * 38.7);
  });
});
