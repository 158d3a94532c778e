import { z } from 'zod';
import { sineCosine } from '../exact/sine.ts';
import { defineOperation } from '../operation.ts';
import { numberAt } from '../read-values.ts';

const parameters = z.strictObject({ period: z.number().gt(0) });

export const cyclic = defineOperation<z.output<typeof parameters>, Record<never, never>, z.output<typeof parameters>>({
  name: 'cyclic',
  summary: 'a number that comes round, such as an angle: sine and cosine of its place in the period',
  parameters,
  needs: () => ({}),
  fit: (_, state) => ({ slots: 0, size: 0, dims: 2, state }),
  compile: ({ period }) => ({
    numbers(columns, row, out, at) {
      const value = numberAt(columns[0], row);
      if (!Number.isFinite(value)) return;
      const [sine, cosine] = sineCosine(value / period);
      out[at] = sine;
      out[at + 1] = cosine;
    },
  }),
});
