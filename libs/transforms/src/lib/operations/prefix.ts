import { z } from 'zod';
import { termOperation, termParameters } from '../families/terms.ts';
import { textAt } from '../read-values.ts';

export const prefix = termOperation({
  name: 'prefix',
  summary: 'an id for each frequent beginning of a text: of postal codes, of product keys',
  ofNames: true,
  parameters: z.strictObject({ ...termParameters, length: z.int().min(1).max(256).default(3) }),
  texts:
    ({ length }) =>
    (columns, row) =>
      textAt(columns[0], row)?.slice(0, length) ?? null,
});
