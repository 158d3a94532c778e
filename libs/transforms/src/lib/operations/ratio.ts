import { z } from 'zod';
import { otherColumn } from '../families/other-columns.ts';
import { scaledOperation, scaleParameters } from '../families/scaled.ts';
import { numberAt } from '../read-values.ts';

export const ratio = scaledOperation({
  name: 'ratio',
  summary: 'the number divided by another column’s, standardized; missing where that is 0',
  parameters: z.strictObject({ ...scaleParameters, by: otherColumn }),
  takes: ({ by }) => [by],
  number: () => (columns, row) => {
    const by = numberAt(columns[1], row);
    return by === 0 ? NaN : numberAt(columns[0], row) / by;
  },
});
