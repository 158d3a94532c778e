import { z } from 'zod';
import { hashOperation, hashParameters } from '../families/hashed.ts';
import { listParameters } from '../families/list-parameters.ts';
import { wordRuns, wordsOf } from '../families/split-text.ts';
import { textAt } from '../read-values.ts';

export const ngrams = hashOperation({
  name: 'ngrams',
  summary: 'runs of words of a text, a bucket for each by its hash, padded',
  parameters: z
    .strictObject({
      ...hashParameters,
      ...listParameters,
      from: z.int().min(1).max(8).default(1),
      to: z.int().min(1).max(8).default(2),
    })
    .refine(({ from, to }) => from <= to, { path: ['to'], error: 'at least as many words as `from`' }),
  texts:
    ({ from, to, length }) =>
    (columns, row) => {
      const text = textAt(columns[0], row);
      return text === null ? null : wordRuns(wordsOf(text), from, to, length);
    },
  slots: ({ length }) => length,
});
