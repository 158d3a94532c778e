import { describe, expect, it } from 'vitest';
import { goesOn, rungsOf } from './rungs.ts';

describe('rungs', () => {
  it.each([
    [9, [1, 3, 9]],
    [27, [3, 9, 27]],
    [1, [1 / 9, 1 / 3, 1]],
  ] as const)('of %d epochs are a ninth, a third and all of them', (epochs, rungs) => {
    for (const [index, rung] of rungsOf(epochs).entries()) expect(rung).toBeCloseTo(rungs[index]!, 12);
    expect(rungsOf(epochs)).toHaveLength(3);
  });

  // The paper's rule: of n that have come to a rung, the best ⌊n/3⌋ go on, one at least.
  it.each([
    ['the first', 0.5, [], true],
    ['the best of two', 0.4, [0.5], true],
    ['the worse of two', 0.6, [0.5], false],
    ['the second of five', 0.2, [0.1, 0.3, 0.4, 0.5], false],
    ['the second of six', 0.2, [0.1, 0.3, 0.4, 0.5, 0.6], true],
    ['the third of six', 0.3, [0.1, 0.2, 0.4, 0.5, 0.6], false],
    ['the third of nine', 0.3, [0.1, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], true],
    ['as good as the best', 0.1, [0.1], true],
  ] as const)('let %s go on or not', (_who, loss, losses, goes) => {
    expect(goesOn(loss, losses)).toBe(goes);
  });
});
