import { z } from 'zod';
import { hashOperation, hashParameters } from '../families/hashed.ts';
import { ownText } from '../families/joined-text.ts';

export const hash = hashOperation({
  name: 'hash',
  summary: 'a bucket for each value by its hash, nothing to fit: for ids without end',
  ofNames: true,
  parameters: z.strictObject(hashParameters),
  texts: () => ownText,
});
