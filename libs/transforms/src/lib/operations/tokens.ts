import { z } from 'zod';
import { listParameters } from '../families/list-parameters.ts';
import { eachOnce, wordsOf } from '../families/split-text.ts';
import { termOperation, termParameters } from '../families/terms.ts';
import { textAt } from '../read-values.ts';

export const tokens = termOperation({
  name: 'tokens',
  summary: 'words of a text, an id for each frequent one, padded',
  parameters: z.strictObject({ ...termParameters, ...listParameters }),
  texts: () => (columns, row) => {
    const text = textAt(columns[0], row);
    return text === null ? null : eachOnce(wordsOf(text));
  },
  slots: ({ length }) => length,
});
