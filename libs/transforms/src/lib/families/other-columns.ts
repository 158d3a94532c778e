import { z } from 'zod';

/** Names of further columns, one or a list. */
export const otherColumns = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1).max(8)], {
    error: 'the name of another column, or a list of 1 to 8 names',
  })
  .transform((names): readonly string[] => (typeof names === 'string' ? [names] : names));

/** The name of one further column. */
export const otherColumn = z.string({ error: 'the name of another column' }).min(1);
