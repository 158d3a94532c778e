import { z } from 'zod';
import { listParameters } from '../families/list-parameters.ts';
import { splitParts } from '../families/split-text.ts';
import { termOperation, termParameters } from '../families/terms.ts';
import { textAt } from '../read-values.ts';

export const list = termOperation({
  name: 'list',
  summary: 'several values in one cell, an id for each frequent one, padded',
  ofLists: true,
  parameters: z.strictObject({
    ...termParameters,
    ...listParameters,
    separator: z.string().min(1).max(8).default('|'),
  }),
  texts:
    ({ separator }) =>
    (columns, row) => {
      const text = textAt(columns[0], row);
      return text === null ? null : splitParts(text, separator);
    },
  slots: ({ length }) => length,
});
