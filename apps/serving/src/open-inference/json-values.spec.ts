import { describe, expect, it } from 'vitest';
import type { Datatype } from './datatype.ts';
import { jsonValues } from './json-values.ts';

const read = (datatype: Datatype, shape: readonly number[], data: unknown): unknown[] =>
  Array.from(
    jsonValues(
      'x',
      datatype,
      shape,
      shape.reduce((product, size) => product * size, 1),
      data,
    ).values as ArrayLike<unknown>,
  );

describe('jsonValues', () => {
  it.each<{ datatype: Datatype; shape: number[]; data: unknown; values: unknown[] }>([
    { datatype: 'FP64', shape: [3], data: [1, 0.1, null], values: [1, 0.1, NaN] },
    {
      datatype: 'FP64',
      shape: [2, 2],
      data: [
        [1, 2],
        [3, 4],
      ],
      values: [1, 2, 3, 4],
    },
    { datatype: 'FP64', shape: [2, 2], data: [1, 2, 3, 4], values: [1, 2, 3, 4] },
    { datatype: 'FP64', shape: [], data: [5], values: [5] },
    { datatype: 'FP64', shape: [0], data: [], values: [] },
    // 0.1 as binary32: 13421773 · 2^-27.
    { datatype: 'FP32', shape: [1], data: [0.1], values: [13_421_773 * 2 ** -27] },
    { datatype: 'INT64', shape: [2], data: [9007199254740993n, -1], values: [9007199254740993n, -1] },
    { datatype: 'UINT64', shape: [1], data: [18446744073709551615n], values: [18446744073709551615n] },
    { datatype: 'BOOL', shape: [3], data: [true, 0, 1], values: [true, false, true] },
    { datatype: 'BYTES', shape: [2, 1], data: [['é'], ['']], values: [Buffer.from([0xc3, 0xa9]), Buffer.of()] },
  ])('reads $datatype $shape of $data', ({ datatype, shape, data, values }) => {
    expect(read(datatype, shape, data)).toEqual(values);
  });

  it.each<{ datatype: Datatype; shape: number[]; data: unknown; says: RegExp }>([
    { datatype: 'FP32', shape: [2], data: [1], says: /input "x" holds 1 elements, its shape says 2/ },
    { datatype: 'FP32', shape: [1e12], data: [1], says: /its shape says 1000000000000/ },
    { datatype: 'FP32', shape: [2, 2], data: [[1, 2], [3]], says: /not nested as its shape \[2,2\] says/ },
    { datatype: 'FP32', shape: [2], data: [[1], [2]], says: /not nested/ },
    { datatype: 'FP32', shape: [1], data: 1, says: /no data/ },
    { datatype: 'FP32', shape: [1], data: ['1'], says: /row 0: "1" is no FP32/ },
    { datatype: 'FP32', shape: [1], data: [true], says: /true is no FP32/ },
    { datatype: 'INT32', shape: [1], data: [1.5], says: /1.5 is no INT32/ },
    { datatype: 'INT32', shape: [1], data: [2147483648], says: /2147483648 is no INT32/ },
    { datatype: 'INT64', shape: [1], data: [9223372036854775808n], says: /9223372036854775808 is no INT64/ },
    { datatype: 'INT64', shape: [1], data: [null], says: /null is no INT64/ },
    { datatype: 'UINT8', shape: [1], data: [-1], says: /-1 is no UINT8/ },
    { datatype: 'BOOL', shape: [1], data: [2], says: /2 is no BOOL/ },
    { datatype: 'BYTES', shape: [1], data: [{}], says: /an object is no string/ },
    // Element 4 of two rows of three.
    ...(['BOOL', 'INT8', 'FP32', 'BYTES'] as const).map((datatype) => {
      const good = datatype === 'BYTES' ? '' : 0;
      return {
        datatype,
        shape: [2, 3],
        data: [good, good, good, good, {}, good],
        says: /^input "x", row 1: an object/,
      };
    }),
  ])('refuses $datatype $shape of $data', ({ datatype, shape, data, says }) => {
    expect(() => read(datatype, shape, data)).toThrow(says);
  });
});
