import { estimate } from './delong.ts';
import type { Estimate, PairedScores } from './delong.ts';
import { rowLogLoss } from './log-loss.ts';
import { checkProbabilities } from './scored-rows.ts';

/**
 * Candidate's log-loss minus the baseline's on the same rows: below 0 is better. The interval is the normal one of a mean
 * of per-row differences; NaN with fewer than two rows.
 */
export function logLossDifference(rows: PairedScores, level = 0.95): Estimate {
  checkProbabilities({ scores: rows.candidate, labels: rows.labels });
  checkProbabilities({ scores: rows.baseline, labels: rows.labels });
  const count = rows.labels.length;
  const differences = new Float64Array(count);
  let sum = 0;
  for (let row = 0; row < count; row++) {
    const label = rows.labels[row] as number;
    const difference =
      rowLogLoss(rows.candidate[row] as number, label) - rowLogLoss(rows.baseline[row] as number, label);
    differences[row] = difference;
    sum += difference;
  }
  const mean = sum / count;
  let squares = 0;
  for (const difference of differences) squares += (difference - mean) ** 2;
  return estimate(mean, count < 2 ? NaN : Math.sqrt(squares / (count - 1) / count), level);
}
