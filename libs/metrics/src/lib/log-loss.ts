import { checkProbabilities } from './scored-rows.ts';
import type { ScoredRows } from './scored-rows.ts';

/** Scores are moved into [1e-7, 1 − 1e-7] before the logarithm: the smallest step that a float32 score can hold near 1. */
export const logLossClip = 1e-7;

/** Mean negative log-likelihood of the labels, natural log. >= 0; NaN without rows (or weight). */
export function logLoss(rows: ScoredRows): number {
  checkProbabilities(rows);
  const { scores, labels, weights } = rows;
  let sum = 0;
  let total = 0;
  for (let row = 0; row < labels.length; row++) {
    const weight = weights?.[row] ?? 1;
    sum += weight * rowLogLoss(scores[row] as number, labels[row] as number);
    total += weight;
  }
  return sum / total;
}

/** The log-loss of one row: −ln of the probability given to what happened. */
export function rowLogLoss(score: number, label: number): number {
  const clipped = Math.min(Math.max(score, logLossClip), 1 - logLossClip);
  return label === 1 ? -Math.log(clipped) : -Math.log1p(-clipped);
}
