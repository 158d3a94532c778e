import { z } from 'zod';
import { moments } from '../aggregates/moments.ts';
import { bucketOperation } from '../families/buckets.ts';
import { numberAt } from '../read-values.ts';

export const uniformBuckets = bucketOperation({
  name: 'uniformBuckets',
  summary: 'buckets of one width between the smallest and the largest training value',
  parameters: z.strictObject({ buckets: z.int().min(2).max(1024).default(16) }),
  needs: () => ({ range: moments((columns, row) => numberAt(columns[0], row)) }),
  boundaries: ({ range: { count, min, max } }, { buckets }) =>
    count === 0
      ? undefined
      : Array.from({ length: buckets - 1 }, (_, index) => min + (max - min) * ((index + 1) / buckets)),
});
