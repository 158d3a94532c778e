import { describe, expect, it } from 'vitest';
import { binEdges, binOf } from './bins.ts';

describe('bins', () => {
  it.each([
    { why: 'a bin for each of few values', values: [3, 1, 2, 1], bins: 8, edges: [1.5, 2.5] },
    { why: 'none for a number that is always the same', values: [5, 5], bins: 8, edges: [] },
    { why: 'none for no rows', values: [], bins: 8, edges: [] },
    // Above the values at 6/4, 12/4 and 18/4 of six in order, rounded down: the second, the fourth and the fifth.
    { why: 'quantiles of many', values: [6, 5, 4, 3, 2, 1], bins: 4, edges: [2.5, 4.5, 5.5] },
    {
      why: 'an edge once, where one value fills several bins',
      values: [1, 2, 2, 2, 2, 2, 2, 3, 4],
      bins: 3,
      edges: [2.5],
    },
  ])('are $why', ({ values, bins, edges }) => {
    expect([...binEdges(Float32Array.from(values), bins)]).toEqual(edges);
  });

  it('are none between values that are no further apart than is said, and in the middle of wider gaps', () => {
    const values = Float32Array.of(1, 1 + 1 / 4096, 1 + 2 / 4096, 2, 2 + 1 / 8192, 3);
    const [first, second] = [1.5 + 1 / 4096, 2.5 + 1 / 16384];
    expect([...binEdges(values, 8, 0.001)]).toEqual([first, second]);
    // Of two bins the second begins above half of the six values, in the first gap that comes then.
    expect([...binEdges(values, 2, 0.001)]).toEqual([second]);
    expect([...binEdges(values, 8)]).toHaveLength(5);
  });

  it('tell neighbouring floats apart', () => {
    const [one, next] = [1, 1 + 2 ** -23];
    const edges = binEdges(Float32Array.of(one, next), 8);
    expect([binOf(edges, one), binOf(edges, next)]).toEqual([0, 1]);
  });

  it.each([
    [0, 0],
    [1, 0],
    [1.5, 1],
    [2, 1],
    [9, 2],
  ])('hold %d in the %dth: a value at an edge is below it', (value, bin) => {
    expect(binOf(Float32Array.of(1, 2), value)).toBe(bin);
  });
});
