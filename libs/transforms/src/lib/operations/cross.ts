import { z } from 'zod';
import { hashOperation, hashParameters } from '../families/hashed.ts';
import { joinedTexts } from '../families/joined-text.ts';
import { otherColumns } from '../families/other-columns.ts';

export const cross = hashOperation({
  name: 'cross',
  summary: 'a bucket for each combination of values of this column and others, by hash',
  parameters: z.strictObject({ ...hashParameters, with: otherColumns }),
  takes: (parameters) => parameters.with,
  texts: () => joinedTexts,
});
