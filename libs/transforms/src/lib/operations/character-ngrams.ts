import { z } from 'zod';
import { hashOperation, hashParameters } from '../families/hashed.ts';
import { listParameters } from '../families/list-parameters.ts';
import { characterRuns, lowerAscii } from '../families/split-text.ts';
import { textAt } from '../read-values.ts';

export const characterNgrams = hashOperation({
  name: 'characterNgrams',
  summary: 'runs of characters of a text, a bucket for each by its hash, padded',
  parameters: z
    .strictObject({
      ...hashParameters,
      ...listParameters,
      from: z.int().min(1).max(8).default(3),
      to: z.int().min(1).max(8).default(3),
    })
    .refine(({ from, to }) => from <= to, { path: ['to'], error: 'at least as many characters as `from`' }),
  texts:
    ({ from, to, length }) =>
    (columns, row) => {
      const text = textAt(columns[0], row);
      return text === null ? null : characterRuns(lowerAscii(text), from, to, length);
    },
  slots: ({ length }) => length,
});
