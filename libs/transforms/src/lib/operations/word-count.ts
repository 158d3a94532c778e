import { z } from 'zod';
import { scaledOperation, scaleParameters } from '../families/scaled.ts';
import { wordsOf } from '../families/split-text.ts';
import { textAt } from '../read-values.ts';

export const wordCount = scaledOperation({
  name: 'wordCount',
  summary: 'how many words a text has, standardized',
  parameters: z.strictObject(scaleParameters),
  number: () => (columns, row) => {
    const text = textAt(columns[0], row);
    return text === null ? NaN : wordsOf(text).length;
  },
});
