import { z } from 'zod';
import { moments, type MomentsOf } from '../aggregates/moments.ts';
import { quantiles } from '../aggregates/quantiles.ts';
import type { Aggregate } from '../aggregates/aggregate.ts';
import { finite } from '../families/numbers.ts';
import { scaleOf, standardized } from '../families/scaled.ts';
import { defineOperation } from '../operation.ts';
import { numberAt } from '../read-values.ts';

const parameters = z.strictObject({
  /** What stands for a missing number: the training rows' mean or median, or this one. */
  value: z.union([z.enum(['mean', 'median']), z.number()], { error: 'mean, median or a number' }).default('median'),
});

interface ImputeState {
  readonly value: number;
  readonly mean: number;
  readonly scale: number;
}

type ImputeNeeds = { readonly spread: Aggregate<MomentsOf>; readonly median: Aggregate<readonly number[]> };

export const impute = defineOperation<z.output<typeof parameters>, ImputeNeeds, ImputeState>({
  name: 'impute',
  summary: 'the number, standardized, with a stand-in where it is missing, and 1 beside it where it is',
  parameters,
  needs: () => ({
    spread: moments((columns, row) => numberAt(columns[0], row)),
    median: quantiles((columns, row) => numberAt(columns[0], row), [0.5]),
  }),
  fit({ spread, median }, { value }) {
    if (spread.count === 0) return undefined;
    const standIn = typeof value === 'number' ? value : value === 'mean' ? spread.mean : (median[0] ?? 0);
    return { slots: 0, size: 0, dims: 2, state: { value: standIn, ...scaleOf(spread) } };
  },
  compile: ({ value, mean, scale }) => ({
    numbers(columns, row, out, at) {
      const given = numberAt(columns[0], row);
      const missing = Number.isNaN(given);
      out[at] = finite(standardized(missing ? value : given, mean, scale));
      out[at + 1] = missing ? 1 : 0;
    },
  }),
});
