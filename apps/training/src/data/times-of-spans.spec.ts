import { expect, it } from 'vitest';
import { timesOfSpans } from './times-of-spans.ts';

it('goes from the first event of any span to the last of any, and is absent where none has a time', () => {
  expect(timesOfSpans([{ timeRangeMs: [20, 30] }, {}, { timeRangeMs: [10, 25] }])).toEqual([10, 30]);
  expect(timesOfSpans([{}])).toBeUndefined();
});
