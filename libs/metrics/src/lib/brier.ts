import { checkProbabilities } from './scored-rows.ts';
import type { ScoredRows } from './scored-rows.ts';

/** Brier score: mean squared difference of score and label. In [0, 1]; NaN without rows. */
export function brier(rows: ScoredRows): number {
  checkProbabilities(rows);
  let sum = 0;
  let total = 0;
  for (let row = 0; row < rows.labels.length; row++) {
    const weight = rows.weights?.[row] ?? 1;
    sum += weight * ((rows.scores[row] as number) - (rows.labels[row] as number)) ** 2;
    total += weight;
  }
  return sum / total;
}
