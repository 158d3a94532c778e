import { expect, it } from 'vitest';
import { TooLarge } from '../../infer/inference-failure.ts';
import { ElementSizes } from './tensor-proto.ts';

const limits = { rows: 1000, values: 1000, bytes: 1000, valueBytes: 100, pixels: 100 };

it('counts the elements of a shape, and refuses one that has more places than are answered at once though it has no element', () => {
  const sizes = new ElementSizes(limits);
  expect([sizes.take('x', [10, 20]), sizes.take('x', [100, 0]), sizes.take('x', [0]), sizes.take('x', [])]).toEqual([
    200, 0, 0, 1,
  ]);
  for (const shape of [[1e15, 0], [0, 1001], [2 ** 53 - 1, 2 ** 53 - 1], [1001]])
    expect(() => new ElementSizes(limits).take('x', shape)).toThrow(TooLarge);
  // 200 + 100 + 1 + 1 of a thousand are taken.
  expect(() => sizes.take('x', [699, 1])).toThrow(TooLarge);
});
