import { z } from 'zod';
import { scaledOperation } from '../families/scaled.ts';
import { numberAt } from '../read-values.ts';

export const zScore = scaledOperation({
  name: 'zScore',
  summary: 'the number less its mean, in deviations, cut to ±8',
  parameters: z.strictObject({}).transform(() => ({ standardize: true })),
  number: () => (columns, row) => numberAt(columns[0], row),
});
