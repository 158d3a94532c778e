import { describe, expect, it } from 'vitest';
import { crossIdLimit, crossSlots, crossTable, type Crosses, sumOfCrosses } from './cross-table.ts';
import { splitMix32 } from './split-mix-32.ts';

/** So many pairs of ids below a limit, each once, with weights that sums of three are exact of. */
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
    [1000, 40],
    [1024, crossIdLimit],
    [50_000, 3000],
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
    const sums = sumOfCrosses(
      rows.flat(),
      3,
      [
        [0, 1],
        [0, 2],
        [2, 1],
      ],
      table,
    );
    const of = (a: number, b: number): number => byKey.get(`${a} ${b}`) ?? 0;
    for (const [row, [a, b, c]] of rows.entries()) expect(sums[row]).toBe(of(a, b) + of(a, c) + of(c, b));
  });

  it('has at most half of its slots taken, and takes no id that a float does not hold', () => {
    expect(crossSlots(0)).toBe(2);
    expect(crossSlots(1024)).toBe(2048);
    expect(crossSlots(1025)).toBe(4096);
    expect(() => crossTable({ firsts: [1], seconds: [crossIdLimit], weights: [1] })).toThrow(
      'id 16777216 does not fit',
    );
  });
});
