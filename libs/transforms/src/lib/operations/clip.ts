import { z } from 'zod';
import { moments } from '../aggregates/moments.ts';
import { numberOperation } from '../families/numbers.ts';
import { scaleOf, standardized } from '../families/scaled.ts';
import { type Columns } from '../operation.ts';
import { numberAt } from '../read-values.ts';

export const clip = numberOperation({
  name: 'clip',
  summary: 'the number cut to given limits, standardized',
  parameters: z
    .strictObject({ min: z.number(), max: z.number() })
    .refine(({ min, max }) => min < max, { path: ['max'], error: 'more than `min`' }),
  needs: ({ min, max }) => ({ spread: moments((columns, row) => cut(columns, row, min, max)) }),
  state: ({ spread }, { min, max }) => (spread.count === 0 ? undefined : { min, max, ...scaleOf(spread) }),
  number:
    ({ min, max, mean, scale }) =>
    (columns, row) =>
      standardized(cut(columns, row, min, max), mean, scale),
});

/** NaN stays NaN. */
function cut(columns: Columns, row: number, min: number, max: number): number {
  const value = numberAt(columns[0], row);
  return value < min ? min : value > max ? max : value;
}
