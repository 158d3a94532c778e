import { describe, expect, it } from 'vitest';
import { elementsOf, shapeOf } from './shape.ts';

describe('shapeOf', () => {
  it('reads integers of either kind', () => {
    expect(shapeOf('x', [2n, 0n, 9007199254740991n])).toEqual([2, 0, 9007199254740991]);
    expect(shapeOf('x', [2, 1])).toEqual([2, 1]);
    expect(shapeOf('x', [])).toEqual([]);
  });

  it.each([
    { dims: [-1n], says: /input "x" has shape \[-1\]: integers from 0/ },
    { dims: [-1], says: /\[-1\]/ },
    { dims: ['-1'], says: /\[-1\]/ },
    { dims: [9223372036854775807n], says: /\[9223372036854775807\]/ },
    { dims: [1e20], says: /integers from 0/ },
    { dims: [1.5], says: /integers from 0/ },
    { dims: [[1]], says: /integers from 0/ },
    { dims: Array(17).fill(1), says: /17 dimensions/ },
    { dims: undefined, says: /has no shape/ },
    { dims: { length: 1 }, says: /has no shape/ },
  ])('refuses $dims', ({ dims, says }) => {
    expect(() => shapeOf('x', dims)).toThrow(says);
  });
});

describe('elementsOf', () => {
  it('multiplies, and refuses what cannot be counted', () => {
    expect(elementsOf('x', [])).toBe(1);
    expect(elementsOf('x', [3, 4])).toBe(12);
    expect(elementsOf('x', [2 ** 50, 2 ** 50, 0])).toBe(0);
    expect(() => elementsOf('x', [2 ** 30, 2 ** 30])).toThrow(/more elements than can be counted/);
  });
});
