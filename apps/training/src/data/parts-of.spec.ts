import { describe, expect, it } from 'vitest';
import { partsOf } from './parts-of.ts';

const batch = {
  batch: {
    rows: 5,
    ids: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    dense: Float32Array.of(0, 1, 2, 3, 4),
    images: Int32Array.of(4, 3, 2, 1, 0),
  },
  labels: Float32Array.of(0, 1, 0, 1, 0),
  weights: Float32Array.of(1, 2, 3, 4, 5),
};

describe('partsOf', () => {
  it('gives every row once, whole and in order', () => {
    expect([...partsOf(batch, 2)]).toEqual([
      {
        batch: { rows: 2, ids: Int32Array.of(0, 1, 2, 3), dense: Float32Array.of(0, 1), images: Int32Array.of(4, 3) },
        labels: Float32Array.of(0, 1),
        weights: Float32Array.of(1, 2),
      },
      {
        batch: {
          rows: 3,
          ids: Int32Array.of(4, 5, 6, 7, 8, 9),
          dense: Float32Array.of(2, 3, 4),
          images: Int32Array.of(2, 1, 0),
        },
        labels: Float32Array.of(0, 1, 0),
        weights: Float32Array.of(3, 4, 5),
      },
    ]);
    expect([...partsOf(batch, 8)].map((part) => part.batch.rows)).toEqual([1, 1, 1, 1, 1]);
    expect([...partsOf(batch, 1)]).toEqual([batch]);
  });
});
