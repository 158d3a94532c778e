import { describe, expect, it } from 'vitest';
import type { LoadedExamples } from '../data/load-examples.ts';
import { Turns } from '../pairs/turns.ts';
import { crossedRows } from './crossed-rows.ts';

const turns = new Turns(new AbortController().signal);

/** Two ids a row, and its label. */
function examplesOf(rows: readonly (readonly [number, number, number])[]): LoadedExamples {
  return {
    rows: rows.length,
    fields: 2,
    denseWidth: 0,
    ids: Int32Array.from(rows.flatMap(([first, second]) => [first, second])),
    dense: new Float32Array(),
    labels: Float32Array.from(rows, ([, , label]) => label),
  };
}

// (1, 8) three times, (2, 9) twice; (1, 9) with the label 1 and (3, 8) with 0 once.
const pairs = [
  [1, 8, 0],
  [2, 9, 0],
  [1, 8, 1],
  [1, 9, 1],
  [3, 8, 0],
  [2, 9, 1],
  [1, 8, 0],
] as const;
const known = (id: number): boolean => [1, 2, 3, 8, 9].includes(id);

describe('crossed rows', () => {
  it('are by pair those of each that two rows have, and together those of pairs seen once', async () => {
    const shown = examplesOf([
      [2, 9, 0],
      [1, 9, 0],
      [3, 8, 0],
      [3, 9, 0],
      [4, 8, 0],
      [1, 8, 0],
    ]);
    const [crossed, ...others] = await crossedRows(examplesOf(pairs), shown, [[0, 1]], { known, turns });
    expect(others).toEqual([]);
    const { firsts, seconds, starts, rowsOf, onceFirsts, onceSeconds, onceLabels } = crossed!;
    expect([...firsts]).toEqual([-1, -1, -1, -1, 1, 2]);
    expect([...seconds]).toEqual([-1, -1, -1, -1, 8, 9]);
    const rows = [0, 1, 2, 3, 4, 5].map((cross) => [...rowsOf.subarray(starts[cross], starts[cross + 1])]);
    expect(rows).toEqual([[3, 4], [], [], [], [0, 2, 6], [1, 5]]);
    expect([[...onceFirsts], [...onceSeconds], [...onceLabels]]).toEqual([
      [1, 3],
      [9, 8],
      [1, 0],
    ]);
    // A cross, seen once with 1, seen once with 0, never seen, of an id never seen, a cross.
    expect([...crossed!.shown]).toEqual([5, 2, 1, 0, 3, 4]);
  });

  it('are crosses of one row too where it counts as two', async () => {
    const weights = Float32Array.of(1, 1, 1, 2, 0.5, 1, 1);
    const train = { ...examplesOf(pairs), weights };
    const [crossed] = await crossedRows(train, examplesOf([]), [[0, 1]], { known, turns });
    expect([...crossed!.firsts]).toEqual([-1, -1, -1, -1, 1, 2, 1]);
    expect([...crossed!.onceFirsts]).toEqual([3]);
  });

  it('are not there for features of which no two rows share a pair', async () => {
    const apart = examplesOf([
      [1, 8, 0],
      [1, 9, 0],
      [2, 8, 1],
    ]);
    expect(await crossedRows(apart, apart, [[0, 1]], { known, turns })).toEqual([]);
  });

  it('remember the pairs that most rows have where there are too many, and take others for none that was never seen', async () => {
    // 140,000 pairs that two rows have, the last 1,000 of which a third row has; and one that one row has.
    const many = Array.from({ length: 281_001 }, (_, row) => {
      const pair = row < 280_000 ? row % 140_000 : row - 280_000 + 139_000;
      return [pair % 1000, 1000 + Math.floor(pair / 1000), 0] as const;
    });
    const shown = examplesOf([many[139_500]!, many[0]!, many[139_000 - 1]!, many[281_000]!]);
    const [crossed] = await crossedRows(examplesOf(many), shown, [[0, 1]], { known: () => true, turns });
    const { firsts, starts, shown: kinds } = crossed!;
    expect(firsts).toHaveLength(4 + 131_072);
    // The one pair that was seen once, for which there is no room.
    expect(starts[1]).toBe(1);
    expect(starts[5]! - starts[4]!).toBe(3);
    expect(starts[4 + 1000]! - starts[4 + 999]!).toBe(3);
    expect(starts[4 + 1001]! - starts[4 + 1000]!).toBe(2);
    expect([...kinds]).toEqual([4 + 500, 4 + 1000, 0, 0]);
  });
});
