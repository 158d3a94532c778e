import { z } from 'zod';
import { exactLog1p } from '../exact/logarithm.ts';
import { scaledOperation, scaleParameters } from '../families/scaled.ts';
import { numberAt } from '../read-values.ts';

export const log1p = scaledOperation({
  name: 'log1p',
  summary: 'ln(1 + the number’s size) with its sign, standardized: for counts and amounts',
  parameters: z.strictObject(scaleParameters),
  number: () => (columns, row) => {
    const value = numberAt(columns[0], row);
    return value < 0 ? -exactLog1p(-value) : exactLog1p(value);
  },
});
