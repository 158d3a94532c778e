import { canonicalText } from '@adstocrat/examples';
import { z } from 'zod';
import { numberOperation } from '../families/numbers.ts';
import { textAt } from '../read-values.ts';

export const equals = numberOperation({
  name: 'equals',
  summary: '1 where the value is one of the given ones, else 0',
  parameters: z.strictObject({
    values: z
      .array(z.union([z.string().min(1), z.number(), z.boolean()]))
      .min(1)
      .max(1024),
  }),
  needs: () => ({}),
  state: (_, { values }) => ({ values: values.map((value) => canonicalText(String(value))) }),
  number({ values }) {
    const known = new Set(values);
    return (columns, row) => {
      const text = textAt(columns[0], row);
      return text !== null && known.has(text) ? 1 : 0;
    };
  },
});
