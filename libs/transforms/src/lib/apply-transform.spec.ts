import { describe, expect, it } from 'vitest';
import type { Column, ColumnarBatch } from '@adstocrat/examples';
import { CompiledTransform } from './apply-transform.ts';
import { hash32 } from './hash-bucket.ts';
import type { TransformGraph } from './transform-graph.ts';

const graph: TransformGraph = {
  version: 1,
  fields: [
    { kind: 'vocabulary', column: 'c', size: 5, terms: ['b', 'a'], oovBuckets: 2 },
    { kind: 'buckets', column: 'x', size: 4, boundaries: [0, 10] },
    { kind: 'hour', column: 't', size: 25, offsetMinutes: 0 },
    { kind: 'weekday', column: 't', size: 8, offsetMinutes: 60 },
  ],
  dense: [
    { kind: 'standardized', column: 'x', mean: 5, scale: 2 },
    { kind: 'missing', column: 'x' },
  ],
};

function batch(columns: Record<string, Column>): ColumnarBatch {
  const rows = Object.values(columns)[0]?.values.length ?? 0;
  return { rows, columns: new Map(Object.entries(columns)) };
}

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
  });

  it('puts an unknown value into the bucket of its hash', () => {
    const { ids } = transform.apply(batch({ c: { type: 'string', values: ['new'] } }));
    expect(ids[0]).toBe(3 + (hash32('new') % 2));
  });

  it('takes an absent column as missing everywhere, and numbers as text or text as numbers', () => {
    const { ids, dense } = transform.apply(batch({ x: { type: 'string', values: ['9.5', ' '] } }));
    expect([...ids.subarray(0, 4)]).toEqual([0, 5 + 2, 9, 34]);
    expect([...dense]).toEqual([2.25, 0, 0, 1]);
    const coded = new CompiledTransform({
      version: 1,
      dense: [],
      fields: [{ kind: 'vocabulary', column: 'n', size: 3, terms: ['7'], oovBuckets: 1 }],
    });
    expect([...coded.apply(batch({ n: { type: 'integer', values: Float64Array.of(7, NaN) } })).ids]).toEqual([1, 0]);
  });

  it('gives a row the same bytes whatever batch it is in', () => {
    const values = Float64Array.from({ length: 100 }, (_, index) => Math.sin(index) * 20);
    const texts = Array.from({ length: 100 }, (_, index) => `v${index % 9}`);
    const whole = transform.apply(batch({ x: { type: 'float', values }, c: { type: 'string', values: texts } }));
    for (const row of [0, 17, 99]) {
      const alone = transform.apply(
        batch({
          x: { type: 'float', values: values.slice(row, row + 1) },
          c: { type: 'string', values: [texts[row] ?? null] },
        }),
      );
      expect([...alone.ids]).toEqual([...whole.ids.subarray(row * 4, row * 4 + 4)]);
      expect([...alone.dense]).toEqual([...whole.dense.subarray(row * 2, row * 2 + 2)]);
    }
  });
});

describe('hash32', () => {
  it('hashes UTF-8 bytes: the same as over the encoder’s', () => {
    const reference = (text: string): number => {
      let hash = 0x811c9dc5;
      for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
      hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
      return (hash ^ (hash >>> 16)) >>> 0;
    };
    for (const text of ['', 'ad', 'grün', '広告', '🛒 cart']) expect(hash32(text)).toBe(reference(text));
  });
});
