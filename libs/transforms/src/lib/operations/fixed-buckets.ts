import { z } from 'zod';
import { bucketOperation } from '../families/buckets.ts';

export const fixedBuckets = bucketOperation({
  name: 'fixedBuckets',
  summary: 'buckets between given boundaries',
  parameters: z.strictObject({ boundaries: z.array(z.number()).min(1).max(1024) }),
  needs: () => ({}),
  boundaries: (_, { boundaries }) => boundaries,
});
