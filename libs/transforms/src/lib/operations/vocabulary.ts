import { z } from 'zod';
import { ownText } from '../families/joined-text.ts';
import { termOperation, termParameters } from '../families/terms.ts';

export const vocabulary = termOperation({
  name: 'vocabulary',
  summary: 'an id for each frequent value, buckets for the others',
  ofNames: true,
  parameters: z.strictObject(termParameters),
  texts: () => ownText,
});
