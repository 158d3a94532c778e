import { describe, expect, it } from 'vitest';
import { elementTensor } from './element-values.ts';

describe('elementTensor', () => {
  it.each([
    { type: 'int8', values: [0, 0, 0, 0, 128, 0], says: 'input "x", row 1: 128 is no int8' },
    { type: 'string', values: ['', '', '', '', 1, ''], says: 'input "x", row 1: 1 is no string' },
  ] as const)('names the row of an element that is no $type, of several in a row', ({ type, values, says }) => {
    expect(() => elementTensor({ name: 'x', type }, { kind: 'mixed', values }, [2, 3], 6)).toThrow(says);
  });
});
