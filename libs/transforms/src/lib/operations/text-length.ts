import { z } from 'zod';
import { scaledOperation, scaleParameters } from '../families/scaled.ts';
import { textAt } from '../read-values.ts';

export const textLength = scaledOperation({
  name: 'textLength',
  summary: 'how long a text is, in UTF-16 units, standardized',
  parameters: z.strictObject(scaleParameters),
  number: () => (columns, row) => textAt(columns[0], row)?.length ?? NaN,
});
