import { describe, expect, it } from 'vitest';
import { Turns } from '../pairs/turns.ts';
import { crossedRows } from './crossed-rows.ts';

const turns = new Turns(new AbortController().signal);

const train = {
  rows: 7,
  fields: 3,
  // Pairs at 0 and 2: (1, 8) three times, (2, 9) twice, (1, 9) and (3, 8) once.
  ids: Int32Array.from([1, 5, 8, 2, 5, 9, 1, 5, 8, 1, 6, 9, 3, 6, 8, 2, 6, 9, 1, 5, 8]),
};
const shown = { rows: 4, fields: 3, ids: Int32Array.from([2, 5, 9, 1, 5, 9, 4, 5, 8, 1, 5, 8]) };

describe('crossed rows', () => {
  it('are by pair those of each that two rows have, and together those of all others', async () => {
    const [crossed, ...others] = await crossedRows(train, shown, [[0, 2]], turns);
    expect(others).toEqual([]);
    const { firsts, seconds, starts, rowsOf } = crossed!;
    expect([...firsts]).toEqual([-1, 1, 2]);
    expect([...seconds]).toEqual([-1, 8, 9]);
    const rows = [0, 1, 2].map((cross) => [...rowsOf.subarray(starts[cross], starts[cross + 1])]);
    expect(rows).toEqual([
      [3, 4],
      [0, 2, 6],
      [1, 5],
    ]);
    // Known, seen once, never seen, known.
    expect([...crossed!.shown]).toEqual([2, 0, 0, 1]);
  });

  it('are not there for features of which no two rows share a pair', async () => {
    const apart = { rows: 3, fields: 2, ids: Int32Array.from([1, 7, 1, 8, 2, 7]) };
    expect(await crossedRows(apart, apart, [[0, 1]], turns)).toEqual([]);
  });

  it('remember the pairs that most rows have where there are too many', async () => {
    // 140,000 pairs that two rows have, 1,000 of which a third row has.
    const pairs = Array.from({ length: 281_000 }, (_, row) => {
      const pair = row < 280_000 ? row % 140_000 : row - 280_000;
      return [pair % 1000, 1000 + Math.floor(pair / 1000)];
    });
    const many = { rows: pairs.length, fields: 2, ids: Int32Array.from(pairs.flat()) };
    const [crossed] = await crossedRows(many, { rows: 0, fields: 2, ids: new Int32Array() }, [[0, 1]], turns);
    expect(crossed?.firsts).toHaveLength(1001);
    expect(crossed!.starts[1]).toBe(278_000);
    for (let cross = 1; cross <= 1000; cross += 1)
      expect(crossed!.starts[cross + 1]! - crossed!.starts[cross]!).toBe(3);
  });
});
