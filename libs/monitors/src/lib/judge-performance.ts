import type { ScoreSums } from './score-sums.ts';

/** One figure of live performance. */
export interface PerformanceReading {
  readonly monitor: 'live_auc' | 'live_log_loss' | 'live_calibration';
  readonly value: number;
  /** What the value must cross; NaN where it is only shown. */
  readonly threshold: number;
  readonly alerted: boolean;
}

export interface PerformanceLimits {
  /** Drop of live AUC below the evaluation's. Default 0.03. */
  readonly liveAucDrop?: number;
  /** |mean score ÷ mean label − 1|. Default 0.25. */
  readonly liveCalibrationError?: number;
}

/** Clicks that a window needs before anything is judged by it. */
const minPositives = 30;

/**
 * A window's live figures, once its labels are final. An alert needs evidence: the whole 95 % interval of the live AUC (DeLong) lies below the limit; the
 * calibration is off by more than the limit and two standard errors, 2/√clicks, of the click count. Empty with fewer than 30
 * clicks, or none missing.
 */
export function judgePerformance(
  sums: ScoreSums,
  evaluatedAuc: number | undefined,
  limits: PerformanceLimits = {},
): readonly PerformanceReading[] {
  const { liveAucDrop = 0.03, liveCalibrationError = 0.25 } = limits;
  const { rows, positives, calibration: ratio } = sums;
  if (positives < minPositives || rows - positives < minPositives) return [];
  const auc = sums.auc();
  const aucLimit = evaluatedAuc === undefined ? NaN : evaluatedAuc - liveAucDrop;
  const calibrationLimit = liveCalibrationError + 2 / Math.sqrt(positives);
  return [
    { monitor: 'live_auc', value: auc.value, threshold: aucLimit, alerted: auc.high < aucLimit },
    { monitor: 'live_log_loss', value: sums.logLoss, threshold: NaN, alerted: false },
    {
      monitor: 'live_calibration',
      value: ratio,
      threshold: ratio < 1 ? 1 - calibrationLimit : 1 + calibrationLimit,
      alerted: Math.abs(ratio - 1) > calibrationLimit,
    },
  ];
}
