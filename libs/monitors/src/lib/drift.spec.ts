import { describe, expect, it } from 'vitest';
import type { ColumnStatistics } from '@adstocrat/statistics';
import { noiseBits } from './drift-noise.ts';
import { judgeDrift } from './judge-drift.ts';
import { divergenceBits, ValueCounts } from './value-counts.ts';

const site: ColumnStatistics = {
  name: 'site',
  type: 'string',
  present: 900,
  missing: 100,
  categorical: {
    distinct: 40,
    top: [
      { value: 'news', count: 500 },
      { value: 'games', count: 300 },
    ],
  },
};
const price: ColumnStatistics = {
  name: 'price',
  type: 'float',
  present: 1000,
  missing: 0,
  numeric: { mean: 5, deviation: 3, min: 0, max: 10, deciles: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
};
const counted = (statistics: ColumnStatistics, values: readonly (string | number | null)[]): ValueCounts => {
  const counts = ValueCounts.of(statistics)!;
  for (const value of values) counts.add(value);
  return counts;
};
/** mulberry32: a seeded uniform source. */
const uniform = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

describe('ValueCounts', () => {
  it('counts known values, others and missing ones apart', () => {
    const { histogram, rows } = counted(site, ['news', 'news', 'chess', null, '']);
    expect(rows).toBe(5);
    expect([...histogram.values()].sort()).toEqual([1, 2, 2]);
  });

  it('has the span’s own rows diverge by nothing from rows of the same shares', () => {
    const span = ValueCounts.ofSpan(site)!;
    const same = [
      ...Array<string>(50).fill('news'),
      ...Array<string>(30).fill('games'),
      ...Array<string>(10).fill('else'),
      ...Array<null>(10).fill(null),
    ];
    expect(divergenceBits(span, counted(site, same))).toBeCloseTo(0, 12);
  });

  it('counts numbers between the deciles', () => {
    const span = ValueCounts.ofSpan(price)!;
    expect(divergenceBits(span, counted(price, [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5]))).toBeCloseTo(0, 12);
    // All rows in one of ten equal ranges: JS = ½ log2(1/0.55) + ½ (0.1 log2(0.1/0.55) + 0.9 log2(0.1/0.05)).
    const expected = 0.5 * Math.log2(1 / 0.55) + 0.5 * (0.1 * Math.log2(0.1 / 0.55) + 0.9);
    expect(divergenceBits(span, counted(price, Array<number>(20).fill(-4)))).toBeCloseTo(expected, 12);
  });

  it('has nothing to count in for a column without statistics', () => {
    expect(ValueCounts.of({ name: 'x', type: 'float', present: 0, missing: 5 })).toBeUndefined();
  });
});

describe('noiseBits', () => {
  it('bounds the divergence of samples of one distribution', () => {
    const next = uniform(5);
    const statistics: ColumnStatistics = {
      name: 'c',
      type: 'string',
      present: 1,
      missing: 0,
      categorical: { distinct: 12, top: Array.from({ length: 12 }, (_, index) => ({ value: `v${index}`, count: 1 })) },
    };
    const draw = (rows: number): ValueCounts =>
      counted(
        statistics,
        Array.from({ length: rows }, () => `v${Math.floor(next() * 12)}`),
      );
    const bound = noiseBits(12, 20_000, 600);
    const seen = Array.from({ length: 300 }, () => divergenceBits(draw(20_000), draw(600)));
    // χ² with 11 degrees of freedom lies above its mean plus 3 deviations in 0.6 % of the cases: 1.7 of 300 expected.
    expect(seen.filter((bits) => bits > bound).length).toBeLessThanOrEqual(8);
    // Its mean is 11 of the bound's 11 + 3 √22 = 25.07.
    const mean = seen.reduce((sum, bits) => sum + bits, 0) / seen.length;
    expect(mean / bound).toBeCloseTo(11 / 25.07, 1);
  });
});

describe('judgeDrift', () => {
  const training = ValueCounts.ofSpan({
    ...site,
    present: 90_000,
    missing: 10_000,
    categorical: {
      distinct: 40,
      top: [
        { value: 'news', count: 50_000 },
        { value: 'games', count: 30_000 },
      ],
    },
  })!;
  const baseline = { column: 'site', training, movementBits: 0 };
  const window = (news: number, games: number, others: number): ValueCounts =>
    counted(site, [
      ...Array<string>(news).fill('news'),
      ...Array<string>(games).fill('games'),
      ...Array<string>(others).fill('new-site'),
      ...Array<null>(100).fill(null),
    ]);

  it('sees a new value that takes much of the traffic', () => {
    expect(judgeDrift(baseline, window(200, 120, 580))?.drifted).toBe(true);
  });

  it('sees none where the shares stayed', () => {
    expect(judgeDrift(baseline, window(500, 300, 100))).toMatchObject({ drifted: false, column: 'site' });
  });

  it('asks for more where the world moves by itself', () => {
    const { bits } = judgeDrift(baseline, window(200, 120, 580))!;
    expect(judgeDrift({ ...baseline, movementBits: bits }, window(200, 120, 580))?.drifted).toBe(false);
  });

  it('judges nothing by a handful of rows', () => {
    expect(judgeDrift(baseline, counted(site, ['new-site', 'new-site']))).toBeUndefined();
  });
});
