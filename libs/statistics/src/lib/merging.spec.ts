import { describe, expect, it } from 'vitest';
import { cellKinds, type CellKind, noDigitTimes } from './column-facts.ts';
import { type DistinctSketch, hashes, leastHashes, mergeDistinct } from './distinct-sketch.ts';
import { MergedFacts, type PartFacts } from './merge-facts.ts';
import { mergeMoments } from './moments.ts';
import { MergedTerms, mergeStatistics, type PartStatistics } from './part-statistics.ts';
import { QuantileSketch } from './quantile-sketch.ts';

/** SplitMix64's finalizer, as 53 bits: values that look drawn. */
function hash(value: number): number {
  let z = (BigInt(value) + 1n) * 0x9e3779b97f4a7c15n;
  z = BigInt.asUintN(64, (z ^ (BigInt.asUintN(64, z) >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return Number((z ^ (z >> 31n)) >> 11n);
}
function sketch(from: number, to: number): DistinctSketch {
  const all = Array.from({ length: to - from }, (_, index) => hash(from + index)).sort((a, b) => a - b);
  return { distinct: all.length, least: all.slice(0, leastHashes) };
}

describe('mergeDistinct', () => {
  it('is exact where parts hold all hashes', () => {
    expect(mergeDistinct([sketch(0, 700), sketch(500, 1000)]).distinct).toBe(1000);
    expect(mergeDistinct([]).distinct).toBe(0);
  });
  it('estimates the rest within four deviations, and within what is possible', () => {
    const { distinct } = mergeDistinct([sketch(0, 20_000), sketch(10_000, 30_000)]);
    expect(Math.abs(distinct - 30_000)).toBeLessThan((4 * 30_000) / Math.sqrt(leastHashes - 2));
    expect(mergeDistinct([sketch(0, 5000), sketch(0, 5000)]).distinct).toBeGreaterThanOrEqual(5000);
    expect(hash(0)).toBeLessThan(hashes);
  });
  it('leaves one part as it is', () => {
    expect(mergeDistinct([sketch(0, 9000)]).distinct).toBe(9000);
  });
});

describe('mergeMoments', () => {
  it('gives what all values give', () => {
    const of = (values: readonly number[], missing: number) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      const [min, max] = [Math.min(...values), Math.max(...values)];
      return { count: values.length, missing, mean, deviation: Math.sqrt(variance), min, max };
    };
    const none = { count: 0, missing: 3, mean: NaN, deviation: NaN, min: NaN, max: NaN };
    const merged = mergeMoments([of([1, 2, 3], 1), none, of([10, 20], 0), of([-4], 2)]);
    const all = of([1, 2, 3, 10, 20, -4], 6);
    expect(merged).toEqual({
      ...all,
      mean: expect.closeTo(all.mean, 12) as number,
      deviation: expect.closeTo(all.deviation, 12) as number,
    });
    expect(mergeMoments([of([0.1, 0.7], 0)])).toEqual(of([0.1, 0.7], 0));
    expect(mergeMoments([none]).count).toBe(0);
  });
});

describe('MergedFacts', () => {
  it('takes facts that were written before a kind of cells was told apart', () => {
    const { written: _written, ...before } = Object.fromEntries(
      cellKinds.map((kind) => [kind, 0]),
    ) as PartFacts['cells'];
    const digitTimes = {} as PartFacts['digitTimes'];
    const [merged, hashesOf] = [new MergedFacts(), sketch(0, 10)];
    const worded = undefined as unknown as number;
    const own = { name: 'c', rows: 10, examples: {}, digitTimes, worded, distinct: 10, hashes: hashesOf };
    merged.add({ ...own, cells: { ...before, text: 10 } as PartFacts['cells'] });
    merged.add({ ...own, cells: { ...before, text: 7, written: 3 } });
    expect(merged.value.cells).toEqual({ ...before, text: 17, written: 3 });
    expect(merged.value).toMatchObject({ digitTimes: noDigitTimes, worded: 0 });
  });
  it('adds counts and keeps the least example by its bytes', () => {
    const cells = (some: Partial<Record<CellKind, number>>) =>
      Object.fromEntries(cellKinds.map((kind) => [kind, some[kind] ?? 0])) as Record<CellKind, number>;
    const digitTimes = { ...noDigitTimes, yyyymmdd: 1, 'epoch-microseconds': 2 };
    const part = (text: string, from: number): PartFacts => {
      const own = sketch(from, from + 10);
      return {
        name: 'c',
        rows: 10,
        cells: cells({ text: 10 }),
        examples: { text },
        digitTimes,
        worded: 3,
        distinct: 10,
        hashes: own,
      };
    };
    // U+FF21 comes before U+1F600 by UTF-8 bytes, after it by UTF-16 units.
    const merged = new MergedFacts();
    for (const one of [part('😀', 0), part('Ａ', 5)]) merged.add(one);
    const both = {
      rows: 20,
      worded: 6,
      cells: cells({ text: 20 }),
      examples: { text: 'Ａ' },
      digitTimes: { ...noDigitTimes, yyyymmdd: 2, 'epoch-microseconds': 4 },
      distinct: 15,
    };
    expect(merged.value).toMatchObject(both);
    merged.addAbsent(7);
    expect(merged.value).toMatchObject({ ...both, rows: 27, cells: cells({ text: 20, empty: 7 }) });
  });
});

describe('mergeStatistics', () => {
  it('counts terms of all parts, by count, then by bytes', () => {
    const one = [
      { value: 'b', count: 2 },
      { value: '😀', count: 1 },
    ];
    const other = [
      { value: 'a', count: 2 },
      { value: 'Ａ', count: 1 },
    ];
    const merged = (...lists: (typeof one)[]): MergedTerms['value'] => {
      const terms = new MergedTerms();
      for (const list of lists) terms.add(list);
      return terms.value;
    };
    expect(merged(one, other).map(({ value }) => value)).toEqual(['a', 'b', 'Ａ', '😀']);
    expect(merged(one, one)[0]).toEqual({ value: 'b', count: 4 });
  });

  it('describes all rows', () => {
    const part = (values: readonly number[]): PartStatistics => {
      const quantiles = new QuantileSketch();
      quantiles.addAll(values);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const [min, max] = [Math.min(...values), Math.max(...values)];
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
      const moments = { count: values.length, missing: 1, mean, deviation, min, max };
      const column = { name: 'x', type: 'float', present: values.length } as const;
      return {
        rows: values.length + 1,
        positives: 1,
        columns: [{ ...column, numbers: { moments, quantiles: quantiles.summary() } }],
      };
    };
    const [column] = mergeStatistics([part([1, 2]), part([3, 4, 5])]).columns;
    expect(column).toMatchObject({ present: 5, missing: 2, numeric: { mean: 3, min: 1, max: 5 } });
    expect(column?.numeric?.deciles).toEqual([1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  });
});
