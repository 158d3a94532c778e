import { describe, expect, it } from 'vitest';
import type { Column, ColumnarBatch } from '@adstocrat/examples';
import { fitOn, planned } from '../testing/fit-on.ts';
import { CompiledTransform } from './compiled-transform.ts';
import { hashBucket } from './exact/fingerprint-64.ts';
import { embeddingRows, type FittedFeature, graphOf, type TransformGraph } from './transform-graph.ts';

const vocabulary = (column: string, terms: readonly string[], oovBuckets: number): FittedFeature => ({
  op: 'vocabulary',
  columns: [column],
  slots: 1,
  size: 1 + terms.length + oovBuckets,
  unknown: { first: 1 + terms.length, count: oovBuckets },
  dims: 0,
  state: { terms, oovBuckets, parameters: {} },
});

const graph = graphOf([
  vocabulary('c', ['b', 'a'], 2),
  { op: 'quantileBuckets', columns: ['x'], slots: 1, size: 4, dims: 0, state: { boundaries: [0, 10] } },
  {
    op: 'zScore',
    columns: ['x'],
    slots: 0,
    size: 0,
    dims: 1,
    state: { mean: 5, scale: 2, parameters: { standardize: true } },
  },
  { op: 'missing', columns: ['x'], slots: 0, size: 0, dims: 1, state: null },
  { op: 'hour', columns: ['t'], slots: 1, size: 25, dims: 0, state: { offsetMinutes: 0, format: 'iso-8601' } },
  { op: 'weekday', columns: ['t'], slots: 1, size: 8, dims: 0, state: { offsetMinutes: 60, format: 'iso-8601' } },
]);

function batch(columns: Record<string, Column>): ColumnarBatch {
  const rows = Object.values(columns)[0]?.values.length ?? 0;
  return { rows, columns: new Map(Object.entries(columns)) };
}

describe('a graph that is compiled in steps', () => {
  it('gives what one does that is compiled at once, with a pause in a long vocabulary and behind each feature', () => {
    const long = graphOf([
      vocabulary(
        'c',
        Array.from({ length: 10_000 }, (_, at) => `term ${at}`),
        3,
      ),
      { op: 'targetRate', columns: ['c'], slots: 0, size: 0, dims: 1, state: { terms: ['term 5000'], values: [0.25] } },
    ]);
    const steps = CompiledTransform.compiling(long);
    let pauses = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) pauses += 1;
    // 10,000 terms are two full steps of 4096 and the rest, then come the ends of the features.
    expect(pauses).toBe(4);
    const rows = batch({ c: { type: 'string', values: ['term 0', 'term 5000', 'term 9999', 'other', null] } });
    const { ids, dense } = step.value.apply(rows);
    expect([...ids]).toEqual([1, 5001, 10_000, 10_001 + hashBucket('other', 3), 0]);
    expect([...dense]).toEqual([0, 0.25, 0, 0, 0]);
    expect(new CompiledTransform(long).apply(rows)).toEqual(step.value.apply(rows));
  });
});

describe('a column that no request gives', () => {
  const fixed = { ...graph, fixed: [{ column: 'c', type: 'string' as const, value: 'b' }] };
  const own = { c: { type: 'string' as const, values: ['a', null] } };

  it('is what the graph says in every row, whatever a row has', () => {
    const transform = new CompiledTransform(fixed);
    expect(transform.columns).toEqual(['x', 't']);
    const { ids } = transform.apply(batch(own));
    expect([ids[0], ids[graph.fields.length]]).toEqual([1, 1]);
    expect(transform.apply({ rows: 1, columns: new Map() }).ids[0]).toBe(1);
  });

  it('is the row’s own in training', () => {
    const training = new CompiledTransform(fixed, new Map());
    expect(training.columns).toEqual(['c', 'x', 't']);
    const { ids } = training.apply(batch(own));
    expect([ids[0], ids[graph.fields.length]]).toEqual([2, 0]);
  });

  it('is fixed in what other columns are crossed with', () => {
    const crossed = graphOf(
      [{ op: 'cross', columns: ['x', 'n'], slots: 1, size: 1001, dims: 0, state: { buckets: 1000 } }],
      { fixed: [{ column: 'n', type: 'float', value: 3 }] },
    );
    const given = (n: number): ColumnarBatch =>
      batch({ x: { type: 'string', values: ['p'] }, n: { type: 'float', values: Float64Array.of(n) } });
    const [served, trained] = [new CompiledTransform(crossed), new CompiledTransform(crossed, new Map())];
    expect(served.apply(given(8)).ids).toEqual(trained.apply(given(3)).ids);
    expect(trained.apply(given(8)).ids).not.toEqual(trained.apply(given(3)).ids);
  });
});

describe('CompiledTransform', () => {
  const transform = new CompiledTransform(graph);

  it('maps terms, boundaries, times and missing values as the graph says', () => {
    const { ids, dense } = transform.apply(
      batch({
        c: { type: 'string', values: ['a', null, ''] },
        x: { type: 'float', values: Float64Array.of(10, NaN, -1) },
        // A Sunday, 23:30 UTC: with an offset of an hour it is Monday.
        t: { type: 'string', values: ['2026-01-04T23:30:00Z', null, 'no time'] },
      }),
    );
    // Offsets of the fields: 0, 5, 9, 34.
    expect([...ids]).toEqual([2, 5 + 3, 9 + 24, 34 + 1, 0, 5, 9, 34, 0, 5 + 1, 9, 34]);
    expect([...dense]).toEqual([2.5, 0, 0, 1, -3, 0]);
    expect(embeddingRows(graph)).toBe(42);
  });

  it('puts an unknown value into the bucket of its hash', () => {
    const { ids } = transform.apply(batch({ c: { type: 'string', values: ['new'] } }));
    expect(ids[0]).toBe(3 + hashBucket('new', 2));
  });

  it('takes an absent column as missing everywhere, and numbers as text or text as numbers', () => {
    const { ids, dense } = transform.apply(batch({ x: { type: 'string', values: ['9.5', ' '] } }));
    expect([...ids.subarray(0, 4)]).toEqual([0, 5 + 2, 9, 34]);
    expect([...dense]).toEqual([2.25, 0, 0, 0]);
    const coded = new CompiledTransform(graphOf([vocabulary('n', ['7'], 1)]));
    expect([...coded.apply(batch({ n: { type: 'integer', values: Float64Array.of(7, NaN) } })).ids]).toEqual([1, 0]);
  });

  it('gives the slots of one feature one table, and other features tables of their own', () => {
    const { graph: lists } = fitOn(
      [planned('list', { minCount: 1, length: 2, oovBuckets: 1 }), planned('hash', { buckets: 3 }, 'y')],
      { x: ['a|b'], y: ['c'] },
    );
    expect(lists.fields.map(({ offset, size }) => [offset, size])).toEqual([
      [0, 4],
      [0, 4],
      [4, 4],
    ]);
    expect(embeddingRows(lists)).toBe(8);
    const { ids } = new CompiledTransform(lists).apply(batch({ x: { type: 'string', values: ['b'] } }));
    expect([...ids]).toEqual([2, 0, 4]);
  });

  it('says what it cannot apply', () => {
    expect(() => new CompiledTransform({ ...graph, version: 1 } as unknown as TransformGraph)).toThrow(
      'the transform graph is of version 1, this code applies version 2',
    );
    expect(() => new CompiledTransform(graphOf([{ ...vocabulary('c', [], 0), op: 'constructor' }]))).toThrow(
      /^no operation "constructor": there are vocabulary, /,
    );
  });
});
