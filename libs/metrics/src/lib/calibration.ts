import { checkProbabilities } from './scored-rows.ts';
import type { ScoredRows } from './scored-rows.ts';

export interface Calibration {
  readonly meanPrediction: number;
  readonly meanLabel: number;
  /** meanPrediction ÷ meanLabel. 1 is calibrated, above 1 promises too many clicks. NaN or Infinity without positives. */
  readonly ratio: number;
}

/** How predictions and labels agree on the whole. NaN throughout without rows. */
export function calibration(rows: ScoredRows): Calibration {
  checkProbabilities(rows);
  const { scores, labels, weights } = rows;
  let predicted = 0;
  let happened = 0;
  let total = 0;
  for (let row = 0; row < labels.length; row++) {
    const weight = weights?.[row] ?? 1;
    predicted += weight * (scores[row] as number);
    happened += weight * (labels[row] as number);
    total += weight;
  }
  return { meanPrediction: predicted / total, meanLabel: happened / total, ratio: predicted / happened };
}
