import { z } from 'zod';
import { quantiles } from '../aggregates/quantiles.ts';
import { numberOperation } from '../families/numbers.ts';
import { numberAt } from '../read-values.ts';

export const winsorize = numberOperation({
  name: 'winsorize',
  summary: 'the number cut to quantiles of the training rows, brought to −1 … 1 between them',
  parameters: z
    .strictObject({ low: z.number().min(0).max(1).default(0.01), high: z.number().min(0).max(1).default(0.99) })
    .refine(({ low, high }) => low < high, { path: ['high'], error: 'more than `low`' }),
  needs: ({ low, high }) => ({ limits: quantiles((columns, row) => numberAt(columns[0], row), [low, high]) }),
  state: ({ limits: [min, max] }) => (min === undefined || max === undefined ? undefined : { min, max }),
  number:
    ({ min, max }) =>
    (columns, row) => {
      const value = numberAt(columns[0], row);
      if (Number.isNaN(value)) return NaN;
      if (min === max) return value < min ? -1 : value > max ? 1 : 0;
      return value <= min ? -1 : value >= max ? 1 : (2 * (value - min)) / (max - min) - 1;
    },
});
