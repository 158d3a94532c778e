import { describe, expect, it } from 'vitest';
import { growTree, leafOf } from './grow-tree.ts';

const options = { depth: 1, l2: 0, leastCurvature: 0.5 };

/** Rows of bins, with labels against a score of one half: slope ½ − label, curvature ¼. */
function sampleOf(bins: readonly (readonly number[])[], labels: readonly number[]) {
  return {
    bins: bins.map((column) => Uint8Array.from(column)),
    rows: Int32Array.from(labels, (_, row) => row),
    slopes: Float64Array.from(labels, (label) => 0.5 - label),
    curvatures: new Float64Array(labels.length).fill(0.25),
    numbers: bins.map((_, number) => number),
  };
}

describe('growTree', () => {
  it('splits where the loss falls the most, and says the step of Newton in each leaf', () => {
    const tree = growTree(
      sampleOf(
        [
          [0, 1, 0, 1],
          [0, 0, 1, 2],
        ],
        [0, 0, 1, 1],
      ),
      options,
    );
    // The second number tells the labels. Slopes of its sides are 1 and −1, curvatures ½: leaves −2 and 2.
    expect(tree).toEqual({ numbers: Int32Array.of(1), bins: Uint8Array.of(0), leaves: Float64Array.of(-2, 2) });
  });

  it('draws leaves to 0 by the prior', () => {
    const tree = growTree(sampleOf([[0, 0, 1, 1]], [0, 0, 1, 1]), { ...options, l2: 0.5 });
    expect([...(tree?.leaves ?? [])]).toEqual([-1, 1]);
  });

  it('finds what only two numbers tell together', () => {
    // Exclusive or, a little uneven so that the first split gains anything: of the rows 0 0 there are two.
    const [a, b] = [
      [0, 0, 0, 1, 1],
      [0, 0, 1, 0, 1],
    ] as const;
    const sample = sampleOf([a, b], [0, 0, 1, 1, 0]);
    const tree = growTree(sample, { depth: 2, l2: 0, leastCurvature: 0.2 });
    // One row a leaf: −(½ − label) ÷ ¼, or two alike.
    const said = [0, 1, 2, 3, 4].map((row) => tree?.leaves[leafOf(tree, sample.bins, row)]);
    expect(said).toEqual([-2, -2, 2, 2, -2]);
  });

  it.each([
    { why: 'numbers that are always the same', bins: [[3, 3, 3, 3]], least: 0.5 },
    { why: 'leaves that would hold too little', bins: [[0, 1, 1, 1]], least: 0.3 },
  ])('is undefined for $why', ({ bins, least }) => {
    expect(growTree(sampleOf(bins, [0, 1, 1, 1]), { ...options, leastCurvature: least })).toBeUndefined();
  });

  it('leaves a node as it is that has nothing to split, below one that has', () => {
    const sample = sampleOf([[0, 0, 1, 1]], [0, 0, 1, 1]);
    const tree = growTree(sample, { ...options, depth: 3 });
    expect([...(tree?.numbers ?? [])]).toEqual([0, -1, -1, -1, -1, -1, -1]);
    expect(tree && leafOf(tree, sample.bins, 0)).toBe(0);
    expect(tree && leafOf(tree, sample.bins, 3)).toBe(4);
  });
});
