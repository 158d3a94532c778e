import { describe, expect, it } from 'vitest';
import { crossIdLimit, crossSlots, crossTable, type Crosses, sumOfCrosses } from './cross-table.ts';
import { splitMix32 } from './split-mix-32.ts';

/** So many pairs of ids below a limit, each once, with weights that sums of a few are exact of. */
function drawn(pairs: number, limit: number, seed: number): Crosses & { readonly byKey: ReadonlyMap<string, number> } {
  const bits = splitMix32(seed);
  const byKey = new Map<string, number>();
  while (byKey.size < pairs) byKey.set(`${bits() % limit} ${bits() % limit}`, ((bits() % 2000) - 1000) / 256);
  const ids = [...byKey.keys()].map((key) => key.split(' ').map(Number));
  return { firsts: ids.map(([a]) => a!), seconds: ids.map(([, b]) => b!), weights: [...byKey.values()], byKey };
}

describe('a table of crosses', () => {
  it.each([
    [1, 100],
    [3, 5],
    [1000, 40],
    [1024, 60_000],
    [50_000, 3000],
    // The fullest that a table may be.
    [52_428, 400],
  ])('finds each of %d pairs of ids below %d, and no other', (pairs, limit) => {
    const { byKey, ...crosses } = drawn(pairs, limit, pairs);
    const table = crossTable(crosses);
    expect(table.weights).toHaveLength(crossSlots(pairs));
    const bits = splitMix32(9);
    // Three ids a row: a pair that is there, and one of which half or both ids are others'.
    const rows = Array.from({ length: 5000 }, () => {
      const [one, other] = [bits() % pairs, bits() % pairs];
      return [crosses.firsts[one]!, crosses.seconds[one]!, crosses.seconds[other]!] as const;
    });
    const of = [
      [0, 1],
      [0, 2],
      [2, 1],
    ] as const;
    const known = Uint8Array.from({ length: limit }, (_, id) => (id % 3 === 0 ? 0 : 1));
    const usual = [0.5, 0.25, 0.125];
    const sums = sumOfCrosses(rows.flat(), 3, { of, usual, known }, table);
    const saidOf = (a: number, b: number, at: number): number =>
      (byKey.get(`${a} ${b}`) ?? 0) + usual[at]! * known[a]! * known[b]!;
    for (const [row, [a, b, c]] of rows.entries())
      expect(sums[row]).toBe(saidOf(a, b, 0) + saidOf(a, c, 1) + saidOf(c, b, 2));
  });

  it('has at most two fifths of its slots taken', () => {
    expect(crossSlots(0)).toBe(4);
    expect(crossSlots(819)).toBe(2048);
    expect(crossSlots(820)).toBe(4096);
  });

  it.each([
    ['an id that a float does not hold', [1], [crossIdLimit], 'id 16777216 does not fit'],
    ['an id below 0', [-1], [3], 'id -1 does not fit'],
    ['a pair twice', [1, 5, 1], [2, 6, 2], 'the cross of 1 and 2 is there several times'],
  ])('takes no %s', (_, firsts, seconds, reason) => {
    expect(() => crossTable({ firsts, seconds, weights: firsts })).toThrow(reason);
  });
});
