import { describe, expect, it } from 'vitest';
import { PermanentFailure } from '@adstocrat/event-bus';
import { additive, rowsOf } from '../testing/small-world.ts';
import { tuningRows } from './tuning-rows.ts';

describe('validation rows of a study', () => {
  it('choose and show in turn, each once, in their order', () => {
    const whole = rowsOf(1503, 4, additive);
    const numbers = Array.from({ length: 1503 }, (_, row) => row);
    const numbered = {
      ...whole,
      ids: Int32Array.from(numbers.flatMap((row) => [row, row])),
      images: Int32Array.from(numbers, (row) => row + 7),
      weights: Float32Array.from(numbers, (row) => row / 2),
    };
    const { choosing, showing, bounds } = tuningRows(numbered);
    const rowsIn = (half: typeof choosing): readonly number[] =>
      Array.from(half.ids).filter((_, index) => index % 2 === 0);
    const [first, second] = [rowsIn(choosing), rowsIn(showing)];
    expect([...first, ...second].sort((a, b) => a - b)).toEqual(Array.from({ length: 1503 }, (_, row) => row));
    expect(first).toEqual(first.toSorted((a, b) => a - b));
    expect(first.slice(0, 3)).toEqual([0, 1, 2]);
    // 1503 / 40 = 37.575: the first stretch ends after row 37.
    expect(second[0]).toBe(38);
    for (const [half, rows] of [
      [choosing, first],
      [showing, second],
    ] as const)
      for (const [at, row] of rows.entries())
        expect([half.labels[at], half.images?.[at], half.weights?.[at]]).toEqual([whole.labels[row], row + 7, row / 2]);
    expect(bounds).toHaveLength(21);
    expect([bounds[0], bounds.at(-1)]).toEqual([0, second.length]);
    // Within a stretch rows are neighbours, between two they are not.
    for (let stretch = 0; stretch < 20; stretch += 1) {
      const rows = second.slice(bounds[stretch], bounds[stretch + 1]);
      expect(rows.at(-1)! - rows[0]!).toBe(rows.length - 1);
    }
  });

  it('that have too few of a label in one half are refused', () => {
    const whole = rowsOf(1500, 4, additive);
    const labels = Float32Array.from({ length: 1500 }, (_, row) => (row < 30 ? 1 : 0));
    expect(() => tuningRows({ ...whole, labels })).toThrow(PermanentFailure);
    expect(() => tuningRows({ ...whole, labels })).toThrow(/fewer than 10 of a label/);
  });
});
