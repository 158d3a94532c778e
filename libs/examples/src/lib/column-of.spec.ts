import { describe, expect, it } from 'vitest';
import { columnOf } from './column-of.ts';

describe('columnOf', () => {
  it('reads numbers from text, and what is none as missing', () => {
    const { values } = columnOf('float', [1.5, '2', ' 3e2 ', '', ' ', null, 'red', NaN]);
    expect(values).toEqual(Float64Array.of(1.5, 2, 300, NaN, NaN, NaN, NaN, NaN));
    expect(columnOf('integer', ['-7']).values).toEqual(Float64Array.of(-7));
  });

  it('keeps text as it is, and writes numbers as digits', () => {
    expect(columnOf('string', ['a', '', 7, 1e21, null])).toEqual({
      type: 'string',
      values: ['a', '', '7', '1e+21', null],
    });
  });
});
