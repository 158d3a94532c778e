import { z } from 'zod';
import { exactLog1p } from '../exact/logarithm.ts';
import { historyOperation } from '../families/history.ts';
import { otherColumns } from '../families/other-columns.ts';

export const count = historyOperation({
  name: 'count',
  summary: 'how frequent this value was, ln(1 + rows in a thousand), never from the row itself',
  parameters: z.strictObject({
    limit: z.int().min(1).max(200_000).default(50_000),
    minCount: z.int().min(1).default(2),
    with: otherColumns.optional(),
  }),
  value: ({ rows, allRows }) => exactLog1p((1000 * rows) / allRows),
});
