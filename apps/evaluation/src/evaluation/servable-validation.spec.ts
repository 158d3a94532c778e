import { describe, expect, it } from 'vitest';
import { objectionsTo } from './servable-validation.ts';

const fine = { warmUpRows: 8, largestDifference: 1e-5, rowMs: 2 };

describe('objectionsTo', () => {
  it('has none to a servable that answers alike and in time', () => {
    expect(objectionsTo(fine)).toEqual([]);
  });

  it.each([
    {
      why: 'another answer',
      change: { largestDifference: 2e-5 },
      objection: "warm-up answers differ from the trainer's by 0.00002",
    },
    {
      why: 'an answer that is no number',
      change: { largestDifference: NaN },
      objection: "warm-up answers differ from the trainer's by NaN",
    },
    { why: 'nothing to check by', change: { warmUpRows: 0 }, objection: 'no warm-up rows' },
    { why: 'a slow row', change: { rowMs: 251 }, objection: '251 ms for one row' },
  ])('objects to $why', ({ change, objection }) => {
    expect(objectionsTo({ ...fine, ...change })).toEqual([expect.stringContaining(objection)]);
  });
});
