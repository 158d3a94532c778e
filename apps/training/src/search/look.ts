import { auc, rowLogLoss } from '@adstocrat/metrics';
import type { PlattScaling } from '@adstocrat/models';
import { plattScaling } from '../calibration/platt-scaling.ts';

/** What a model's logits say of the validation rows. */
export interface Look {
  /** Uncalibrated, one a row. */
  readonly logits: Float32Array;
  readonly calibration: PlattScaling;
  /** Log-loss of each row after calibration, and its mean: late models are over-confident, and calibration repairs that. */
  readonly rowLosses: Float64Array;
  readonly loss: number;
  readonly auc: number;
}

/** Calibrated on these rows, or as is given. */
export function lookAt(
  logits: Float32Array,
  labels: Float32Array,
  calibration: PlattScaling = plattScaling(logits, labels),
): Look {
  const scores = Float64Array.from(
    logits,
    (logit) => 1 / (1 + Math.exp(-(calibration.slope * logit + calibration.intercept))),
  );
  const rowLosses = Float64Array.from(scores, (score, row) => rowLogLoss(score, labels[row]!));
  const loss = rowLosses.reduce((sum, one) => sum + one, 0) / Math.max(1, rowLosses.length);
  return { logits, calibration, rowLosses, loss, auc: auc({ scores, labels }) };
}

/** Mean of a − b over rows, and its standard error: paired, so that what all models find hard cancels. */
export function lossDifference(a: Look, b: Look): { readonly mean: number; readonly standardError: number } {
  const rows = a.rowLosses.length;
  const mean = a.loss - b.loss;
  let squares = 0;
  for (let row = 0; row < rows; row += 1) squares += (a.rowLosses[row]! - b.rowLosses[row]! - mean) ** 2;
  return { mean, standardError: rows < 2 ? Infinity : Math.sqrt(squares / (rows - 1) / rows) };
}
