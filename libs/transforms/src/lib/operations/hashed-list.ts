import { z } from 'zod';
import { hashOperation, hashParameters } from '../families/hashed.ts';
import { listParameters } from '../families/list-parameters.ts';
import { splitParts } from '../families/split-text.ts';
import { textAt } from '../read-values.ts';

export const hashedList = hashOperation({
  name: 'hashedList',
  summary: 'several values in one cell, a bucket for each by its hash, padded',
  ofLists: true,
  parameters: z.strictObject({
    ...hashParameters,
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
