import { describe, expect, it } from 'vitest';
import { splitMix32 } from '@adstocrat/models';
import { PairNumbers } from './pair-numbers.ts';

describe('PairNumbers', () => {
  it.each([
    [5, 4000],
    [1000, 4000],
    [2 ** 24, 4000],
  ])('numbers pairs of ids below %d as they come, and finds them again', (ids, rows) => {
    const bits = splitMix32(ids);
    const numbers = new PairNumbers(rows);
    const out = new Int32Array(rows);
    // Two sets of places after each other: the second knows nothing of the first.
    const examples = { rows, fields: 3, ids: Int32Array.from({ length: rows * 3 }, () => bits() % ids) };
    for (const places of [
      [0, 1],
      [2, 0],
    ] as const) {
      numbers.number(examples, places, out);
      const known = new Map<string, number>();
      const pairAt = (row: number): readonly [number, number] => [
        examples.ids[row * 3 + places[0]]!,
        examples.ids[row * 3 + places[1]]!,
      ];
      for (let row = 0; row < rows; row += 1) {
        const key = pairAt(row).join();
        known.set(key, known.get(key) ?? known.size);
        expect(out[row]).toBe(known.get(key));
      }
      expect(numbers.count).toBe(known.size);
      for (let row = 0; row < rows; row += 1) {
        expect(numbers.pairOf(out[row]!)).toEqual(pairAt(row));
        const [first, second] = [bits() % ids, bits() % ids];
        expect(numbers.find(first, second)).toBe(known.get(`${first},${second}`) ?? -1);
      }
    }
  });
});
