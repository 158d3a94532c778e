import { z } from 'zod';
import { otherColumn } from '../families/other-columns.ts';
import { scaledOperation, scaleParameters } from '../families/scaled.ts';
import { numberAt } from '../read-values.ts';

export const difference = scaledOperation({
  name: 'difference',
  summary: 'the number less another column’s, standardized',
  parameters: z.strictObject({ ...scaleParameters, from: otherColumn }),
  takes: ({ from }) => [from],
  number: () => (columns, row) => numberAt(columns[0], row) - numberAt(columns[1], row),
});
