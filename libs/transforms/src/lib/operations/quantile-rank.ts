import { z } from 'zod';
import { quantiles } from '../aggregates/quantiles.ts';
import { bucketOf } from '../families/buckets.ts';
import { numberOperation } from '../families/numbers.ts';
import { numberAt } from '../read-values.ts';

export const quantileRank = numberOperation({
  name: 'quantileRank',
  summary: 'the share of training rows below the number, from −1 to 1, straight between quantiles',
  parameters: z.strictObject({ quantiles: z.int().min(2).max(4096).default(128) }),
  needs: (parameters) => ({
    values: quantiles(
      (columns, row) => numberAt(columns[0], row),
      Array.from({ length: parameters.quantiles + 1 }, (_, index) => index / parameters.quantiles),
    ),
  }),
  state: ({ values }) => (values.length === 0 ? undefined : { values }),
  number({ values }) {
    const sorted = Float64Array.from(values);
    const last = sorted.length - 1;
    return (columns, row) => {
      const value = numberAt(columns[0], row);
      if (Number.isNaN(value)) return NaN;
      if (value < sorted[0]!) return -1;
      if (value >= sorted[last]!) return 1;
      const above = bucketOf(sorted, value);
      const [from, to] = [sorted[above - 1]!, sorted[above]!];
      return (2 * (above - 1 + (value - from) / (to - from))) / last - 1;
    };
  },
});
