import { describe, expect, it } from 'vitest';
import type { ElementTensor } from '@adstocrat/inference';
import { tensorBody } from './tensor-body.ts';

const tensor = (...shape: readonly number[]): ElementTensor => {
  const count = shape.reduce((product, size) => product * size, 1);
  return { type: 'int32', shape: [...shape], data: Int32Array.from({ length: count }, (_, at) => at) } as ElementTensor;
};

describe('tensorBody', () => {
  // As NumPy's tolist() has them.
  it.each<[readonly number[], row: string | undefined, column: string]>([
    [[2, 0], '[[], []]', '[[], []]'],
    [[1, 0, 6], '[[]]', '[[]]'],
    [[2, 2, 0], '[[[], []], [[], []]]', '[[[], []], [[], []]]'],
    [[0, 3], '[]', '[]'],
    [[2, 3], '[[0, 1, 2], [3, 4, 5]]', '[[0, 1, 2], [3, 4, 5]]'],
    [[2, 1, 2], '[[[0, 1]], [[2, 3]]]', '[[[0, 1]], [[2, 3]]]'],
    [[2], '[0, 1]', '[0, 1]'],
    [[], undefined, '0'],
  ])('writes a tensor of shape %j as nested lists', (shape, row, column) => {
    const outputs = new Map([['y', tensor(...shape)]]);
    expect(tensorBody('column', outputs)).toBe(`{"outputs": ${column}}`);
    if (row !== undefined) expect(tensorBody('row', outputs)).toBe(`{"predictions": ${row}}`);
  });

  it('has a list without elements beside another output', () => {
    const outputs = new Map([
      ['y', tensor(2, 0)],
      ['z', tensor(2)],
    ]);
    expect(JSON.parse(tensorBody('row', outputs))).toEqual({
      predictions: [
        { y: [], z: 0 },
        { y: [], z: 1 },
      ],
    });
  });
});
