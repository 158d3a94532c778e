import { auc } from './auc.ts';
import { averagePrecision } from './average-precision.ts';
import { brier } from './brier.ts';
import { calibration } from './calibration.ts';
import { expectedCalibrationError } from './calibration-curve.ts';
import { logLoss } from './log-loss.ts';
import { ascendingByScore } from './scored-rows.ts';
import type { ScoredRows } from './scored-rows.ts';

/** What a set of scored rows says about a model. A metric that the rows don't define is NaN. */
export interface RowMetrics {
  readonly rows: number;
  readonly positives: number;
  readonly auc: number;
  readonly logLoss: number;
  readonly calibration: number;
  readonly meanPrediction: number;
  readonly meanLabel: number;
  readonly brier: number;
  readonly averagePrecision: number;
  /** Over 10 bins of equal row count. */
  readonly expectedCalibrationError: number;
}

/** Every metric of one set of rows. `rows` and `positives` are counts, not weights. */
export function rowMetrics(rows: ScoredRows): RowMetrics {
  const { ratio, meanPrediction, meanLabel } = calibration(rows);
  // Sorted once for all three that go by it: of millions of rows it takes seconds.
  const order = ascendingByScore(rows.scores);
  let positives = 0;
  for (let row = 0; row < rows.labels.length; row++) positives += rows.labels[row] as number;
  return {
    rows: rows.labels.length,
    positives,
    auc: auc(rows, order),
    logLoss: logLoss(rows),
    calibration: ratio,
    meanPrediction,
    meanLabel,
    brier: brier(rows),
    averagePrecision: averagePrecision(rows, order),
    expectedCalibrationError: expectedCalibrationError(rows, { by: 'mass', order }),
  };
}
