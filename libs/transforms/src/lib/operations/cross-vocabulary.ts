import { z } from 'zod';
import { joinedTexts } from '../families/joined-text.ts';
import { otherColumns } from '../families/other-columns.ts';
import { termOperation, termParameters } from '../families/terms.ts';

export const crossVocabulary = termOperation({
  name: 'crossVocabulary',
  summary: 'an id for each frequent combination of values of this column and others',
  parameters: z.strictObject({ ...termParameters, with: otherColumns }),
  takes: (parameters) => parameters.with,
  texts: () => joinedTexts,
});
