import { z } from 'zod';
import { quantiles } from '../aggregates/quantiles.ts';
import { bucketOperation } from '../families/buckets.ts';
import { numberAt } from '../read-values.ts';

export const quantileBuckets = bucketOperation({
  name: 'quantileBuckets',
  summary: 'buckets with about as many training rows each',
  parameters: z.strictObject({ buckets: z.int().min(2).max(1024).default(32) }),
  needs: ({ buckets }) => ({
    values: quantiles(
      (columns, row) => numberAt(columns[0], row),
      Array.from({ length: buckets - 1 }, (_, index) => (index + 1) / buckets),
    ),
  }),
  boundaries: ({ values }) => (values.length === 0 ? undefined : values),
});
