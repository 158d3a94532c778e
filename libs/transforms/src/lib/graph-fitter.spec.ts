import { describe, expect, it } from 'vitest';
import { type ColumnarBatch, reservedColumns } from '@adstocrat/examples';
import { batchOf, fitOn, planned } from '../testing/fit-on.ts';
import { CompiledTransform } from './compiled-transform.ts';
import { quantiles } from './aggregates/quantiles.ts';
import { Folds } from './folds.ts';
import { GraphFitter } from './graph-fitter.ts';
import { timesOf } from './transform-graph.ts';

const { label, timeMs, id } = reservedColumns;

/** 0 or 1 by a mixed row number: no pattern that a feature could follow. */
function coin(row: number): 0 | 1 {
  let hash = Math.imul(row + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) & 1) as 0 | 1;
}

/** A part of a batch, as another reader would cut it. */
function slice({ columns }: ColumnarBatch, from: number, to: number): ColumnarBatch {
  const cut = [...columns].map(
    ([name, column]) => [name, { ...column, values: column.values.slice(from, to) }] as const,
  );
  return { rows: to - from, columns: new Map(cut as [string, never][]) };
}

describe('GraphFitter', () => {
  const rows = 1000;
  const whole = batchOf({
    x: Array.from({ length: rows }, (_, row) => `v${coin(row * 3) + 2 * coin(row * 7)}|w${row % 13}`),
    n: Array.from({ length: rows }, (_, row) => (row % 17 === 0 ? NaN : (row * row) % 101)),
    [label]: Array.from({ length: rows }, (_, row) => coin(row)),
    [timeMs]: Array.from({ length: rows }, (_, row) => row * 1000),
    [id]: Array.from({ length: rows }, (_, row) => `r${row}`),
  });
  const features = [
    planned('list', { minCount: 1 }),
    planned('targetRate'),
    planned('zScore', {}, 'n'),
    planned('quantileBuckets', {}, 'n'),
  ];

  it('gives the same graph however the rows are cut', () => {
    const graphs = [rows, 1, 7, 333].map((size) => {
      const fitter = new GraphFitter({ features, dropped: new Map() }, new Folds([100_000, 900_000]));
      for (let from = 0; from < rows; from += size) fitter.add(slice(whole, from, Math.min(rows, from + size)));
      return JSON.stringify(fitter.finish().graph);
    });
    expect(new Set(graphs).size).toBe(1);
  });

  it('is finished in steps, of which none has more than one column’s numbers or terms to sort', () => {
    const fitter = new GraphFitter({ features, dropped: new Map() }, new Folds([100_000, 900_000]));
    fitter.add(whole);
    const steps = fitter.finishing();
    let taken = 0;
    while (steps.next().done !== true) taken += 1;
    // Each of four operations asks for one figure, and each is compiled.
    expect(taken).toBeGreaterThanOrEqual(8 - 1);
  });

  it('asks for the label, and for times and ids only where an operation looks at them', () => {
    const columnsOf = (some: typeof features) => new GraphFitter({ features: some, dropped: new Map() }).columns;
    expect(columnsOf(features)).toEqual(['x', 'n', label, timeMs, id]);
    expect(columnsOf(features.slice(2))).toEqual(['n', label]);
  });

  it('leaves out what has nothing to fit, and says so', () => {
    const { graph, unfitted } = fitOn([planned('zScore'), planned('hash')], { x: ['red', 'blue'] });
    expect(graph.features.map(({ op }) => op)).toEqual(['hash']);
    expect([...unfitted]).toEqual([['x', 'has no value that zScore could be fitted to']]);
  });
});

describe('a wide table', () => {
  it('holds so many terms in all, and lets the rarest go', () => {
    const columns = ['a', 'b', 'c'];
    const features = columns.map((name) => planned('vocabulary', { minCount: 1 }, name));
    const fitter = new GraphFitter({ features, dropped: new Map() }, new Folds(), 500);
    for (let part = 0; part < 20; part += 1) {
      // Of a hundred rows every other one holds one of five values, the others one that is there once; `c` has but two.
      const cells = (name: string): readonly string[] =>
        Array.from({ length: 100 }, (_, row) =>
          name === 'c' ? `c${row % 2}` : row % 2 === 0 ? `${name}${row % 5}` : `${name} ${part} ${row}`,
        );
      const batch = Object.fromEntries(columns.map((name) => [name, cells(name)]));
      fitter.add(batchOf({ ...batch, [label]: Array<number>(100).fill(0) }));
    }
    const { graph } = fitter.finish();
    const terms = graph.features.map(({ state }) => (state as { readonly terms: readonly string[] }).terms);
    expect(terms.flat().length).toBeLessThanOrEqual(500);
    expect(terms.map((some) => some.slice(0, 5).toSorted())).toEqual([
      ['a0', 'a1', 'a2', 'a3', 'a4'],
      ['b0', 'b1', 'b2', 'b3', 'b4'],
      ['c0', 'c1'],
    ]);
  });

  it('holds so many numbers in all: an even part of each of 2,000 columns', () => {
    // 40,000 rows of 2,000 columns are more numbers than there is room for; one column's suffice to see what is held of each.
    const rows = 40_000;
    const figure = (figures: number): readonly number[] => {
      const one = quantiles((_columns, row) => row, [0, 0.25, 0.5, 1]);
      one.shareRoom?.(figures);
      one.add({ columns: [], rows, firstRow: 0, labels: [], folds: [] });
      return one.result();
    };
    expect(figure(1)).toEqual([0, 9999, 19_999, 39_999]);
    expect(figure(64)).toEqual(figure(1));
    const sampled = figure(2000);
    expect(sampled).not.toEqual(figure(1));
    // Half of the rows are held: a rank is off by √(.25 / 20,000) = .35 % of the rows, no more than four of these.
    expect(Math.abs(sampled[2]! - 20_000)).toBeLessThan(4 * 0.0035 * rows);
  });
});

describe('a column of times', () => {
  const columns = { x: ['2026-01-31', '2026-02-01'], at: ['2026-02-02', '2026-02-02'] };
  const timesFor = (...features: Parameters<typeof fitOn>[0]): unknown => [...timesOf(fitOn(features, columns).graph)];

  it('holds nothing but times, unless others are taken for missing', () => {
    expect(timesFor(planned('weekday'))).toEqual([['x', 'iso-8601']]);
    const lenient = { others: 'missing' };
    expect(timesFor(planned('weekday', lenient), planned('cyclicTime', lenient))).toEqual([]);
    expect(timesFor(planned('weekday', lenient), planned('hour'))).toEqual([['x', 'iso-8601']]);
  });

  it('is one of the two of an age', () => {
    const age = (others: string) => {
      const feature = planned('age', { at: 'at', others });
      return { ...feature, columns: ['x', 'at'] };
    };
    expect(timesFor(age('refused'))).toEqual([
      ['x', 'iso-8601'],
      ['at', 'iso-8601'],
    ]);
    expect(timesFor(age('missing'))).toEqual([]);
  });
});

describe('an operation that looks at labels', () => {
  // Every value occurs twice, and the label is a coin: what tells it from the value alone is a leak.
  const rows = 4000;
  const columns = {
    x: Array.from({ length: rows }, (_, row) => `v${row % (rows / 2)}`),
    [label]: Array.from({ length: rows }, (_, row) => coin(row)),
    [timeMs]: Array.from({ length: rows }, (_, row) => row),
    [id]: Array.from({ length: rows }, (_, row) => `r${row}`),
  };
  const labels = columns[label];
  const rate = [planned('targetRate', { prior: 1 })];

  /** Mean of the feature over the positives less that over the negatives. */
  function gap(values: ArrayLike<number>): number {
    const sums = [0, 0];
    const counts = [0, 0];
    for (let row = 0; row < rows; row += 1) {
      sums[labels[row]!]! += values[row]!;
      counts[labels[row]!]! += 1;
    }
    return sums[1]! / counts[1]! - sums[0]! / counts[0]!;
  }

  it.each([
    ['with times', new Folds(Array.from({ length: 9 }, (_, fold) => ((fold + 1) * rows) / 10))],
    ['without', new Folds()],
  ])('gives training rows nothing of their own label, %s', (_, folds) => {
    const { graph, training } = fitOn(rate, columns, folds);
    const served = new CompiledTransform(graph).apply(batchOf({ x: columns.x })).dense;
    // One of two rows of a value is the row itself: served values would tell the labels.
    expect(gap(served)).toBeGreaterThan(0.5);
    // Of log-odds of at most ±ln 3, 2000 a side: deviation of the difference of means below 0.035.
    expect(Math.abs(gap(training.apply(batchOf(columns)).dense))).toBeLessThan(0.14);
  });

  it('gives a training row what was known before its fold, by hand', () => {
    const { training } = fitOn(
      rate,
      {
        x: ['a', 'a', 'b', 'a', 'a'],
        [label]: [1, 1, 0, 0, 1],
        [timeMs]: [1, 2, 3, 11, 21],
        [id]: ['1', '2', '3', '4', '5'],
      },
      new Folds([10, 20]),
    );
    const at = (time: number): number => training.apply(batchOf({ x: ['a'], [timeMs]: [time], [id]: ['9'] })).dense[0]!;
    const logit = (p: number): number => Math.log(p / (1 - p));
    expect(at(5)).toBe(0);
    // Before 10: a 2 of 2, all 2 of 3, so a base of 2.5 / 4.
    expect(at(12)).toBeCloseTo(logit((2 + 2.5 / 4) / 3) - logit(2.5 / 4), 6);
    // Before 20: a 2 of 3, all 2 of 4: 2.5 / 5.
    expect(at(99)).toBeCloseTo(logit((2 + 2.5 / 5) / 4) - logit(2.5 / 5), 6);
  });

  it('gives a training row what was known of a pair, also where that is a single row, and 0 of one that is not held', () => {
    const { training } = fitOn(
      [planned('targetRate', { prior: 1, minCount: 1, with: 'y' })],
      {
        x: ['a', 'a', 'b'],
        y: ['p', 'q', 'p'],
        [label]: [1, 0, 0],
        [timeMs]: [1, 2, 3],
        [id]: ['1', '2', '3'],
      },
      new Folds([10, 20]),
    );
    const of = (x: string, y: string, time: number): number =>
      training.apply(batchOf({ x: [x], y: [y], [timeMs]: [time], [id]: ['9'] })).dense[0]!;
    // Before 10: the pair 1 of 1, or 0 of 1; all 1 of 3, so a base of 1.5 / 4.
    const base = 1.5 / 4;
    const logit = (p: number): number => Math.log(p / (1 - p));
    expect(of('a', 'p', 12)).toBeCloseTo(logit((1 + base) / 2) - logit(base), 6);
    expect(of('a', 'q', 12)).toBeCloseTo(logit(base / 2) - logit(base), 6);
    expect([of('b', 'q', 12), of('a', 'p', 5)]).toEqual([0, 0]);
  });
});

describe('ids of a feature', () => {
  it.each([
    ['hour', 24],
    ['weekday', 7],
    ['hourOfWeek', 168],
    ['weekend', 2],
    ['dayOfMonth', 31],
    ['month', 12],
    ['weekOfYear', 53],
    // 0, and 2^-40 to 2^40 of either sign.
    ['magnitude', 1 + 2 * 81],
  ])('of %s are its %d parts and one for what is missing', (op, parts) => {
    expect(fitOn([planned(op)], { x: ['2026-01-31'] }).graph.fields[0]?.size).toBe(1 + parts);
  });

  it('of buckets are one more than the boundaries, and one for what is missing', () => {
    expect(fitOn([planned('fixedBuckets', { boundaries: [1, 5, 1] })], { x: [1] }).graph.fields[0]?.size).toBe(1 + 3);
  });

  it('of a vocabulary are its terms, a tenth of them for others, a thousand at most, and one for what is missing', () => {
    const sizeOf = (terms: number): number | undefined =>
      fitOn([planned('vocabulary', { minCount: 1 })], { x: Array.from({ length: terms }, (_, term) => `t${term}`) })
        .graph.fields[0]?.size;
    expect(sizeOf(1)).toBe(1 + 1 + 1);
    expect(sizeOf(91)).toBe(1 + 91 + 10);
    expect(sizeOf(10_100)).toBe(1 + 10_100 + 1000);
  });
});

describe('Folds', () => {
  it('see those before, by time, and all others without', () => {
    const seen = (folds: Folds) => [folds.sees(0, 1), folds.sees(1, 0), folds.sees(1, 1)];
    expect(seen(new Folds([5]))).toEqual([false, true, false]);
    expect(seen(new Folds())).toEqual([true, true, false]);
  });
});
