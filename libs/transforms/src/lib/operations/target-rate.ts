import { z } from 'zod';
import { exactLog } from '../exact/logarithm.ts';
import { historyOperation } from '../families/history.ts';
import { otherColumns } from '../families/other-columns.ts';

/**
 * The rate is drawn towards that of all rows as if by `prior` rows of it. Source: D. Micci-Barreca, "A Preprocessing Scheme for
 * High-Cardinality Categorical Attributes", SIGKDD Explorations 3(1), 2001.
 */
export const targetRate = historyOperation({
  name: 'targetRate',
  summary: 'how much more often the label was 1 for this value than for all, in log-odds, never from the row itself',
  parameters: z.strictObject({
    limit: z.int().min(1).max(200_000).default(50_000),
    minCount: z.int().min(1).default(2),
    prior: z.number().gt(0).default(20),
    with: otherColumns.optional(),
  }),
  value({ rows, positives, allRows, allPositives }, { prior }) {
    const base = (allPositives + 0.5) / (allRows + 1);
    return logit((positives + prior * base) / (rows + prior)) - logit(base);
  },
});

function logit(p: number): number {
  return exactLog(p / (1 - p));
}
