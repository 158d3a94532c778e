import { describe, expect, it } from 'vitest';
import { columnOf } from './column-of.ts';

describe('columnOf', () => {
  it('reads numbers from text, and what is none as missing', () => {
    const { values } = columnOf('float', [1.5, '2', ' 3e2 ', '', ' ', null, 'red', NaN]);
    expect(values).toEqual(Float64Array.of(1.5, 2, 300, NaN, NaN, NaN, NaN, NaN));
    expect(columnOf('integer', ['-7']).values).toEqual(Float64Array.of(-7));
  });

  it('keeps text as it is, and writes numbers as digits', () => {
    expect(columnOf('string', ['a', '', 7, 1e21, null, '7.0', 2n ** 63n])).toEqual({
      type: 'string',
      values: ['a', null, '7', '1e+21', null, '7', '9223372036854775808'],
    });
  });

  it('tells of each cell that is no value of the type, once, and not of missing ones', () => {
    const told: string[] = [];
    columnOf('integer', ['1', '', 'NA', '1.5', 'red', 2n ** 60n], (row, reason) => told.push(`${row}: ${reason}`));
    expect(told).toEqual([
      '3: "1.5" is no whole number',
      '4: "red" is no finite number',
      '5: 1152921504606846976 is beyond 2^53',
    ]);
  });
});
