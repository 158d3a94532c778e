import { judgeDrift, judgePerformance, ScoreSums, type ScoreSumsState } from '@adstocrat/monitors';
import type { Task } from '@adstocrat/tasks';
import type { Reading } from './alerts.ts';
import type { Baseline } from './baseline.ts';
import { FeatureCounts, type FeatureCountsState } from './fold-features.ts';

/** Rows that a window needs before its features are judged. */
const minDriftRows = 500;

/** Compares a window's features with the training span's. Labels are not needed. `states`: what its lanes counted. */
export function featureReadings(
  states: readonly string[],
  baseline: Baseline,
  { featureDriftBits }: Task['thresholds'],
): readonly Reading[] {
  const counts = new FeatureCounts(baseline);
  for (const state of states) counts.merge(JSON.parse(state) as FeatureCountsState);
  return baseline.columns.flatMap(({ statistics, drift }) => {
    const own = counts.of(statistics.name);
    if (own === undefined || own.rows < minDriftRows) return [];
    const reading = judgeDrift(drift, own, featureDriftBits);
    if (reading === undefined) return [];
    const { column, bits, threshold, drifted } = reading;
    const message = `"${column}" has drifted from what version ${baseline.version} was trained on: ${bits.toFixed(3)} bits (Jensen–Shannon), the limit is ${threshold.toFixed(3)}`;
    const { rows } = own;
    return [{ monitor: 'feature_drift', subject: column, value: bits, threshold, rows, alerted: drifted, message }];
  });
}

/** Judges one version's answers of a window in which every label is final, clicked or not. `states`: what its lanes summed up. */
export function labelReadings(
  states: readonly string[],
  version: number,
  evaluatedAuc: number | undefined,
  { liveAucDrop, liveCalibrationError }: Task['thresholds'],
): readonly Reading[] {
  const sums = new ScoreSums();
  for (const state of states) sums.merge(JSON.parse(state) as ScoreSumsState);
  const drop = liveAucDrop === undefined ? {} : { liveAucDrop };
  const limits = liveCalibrationError === undefined ? drop : { ...drop, liveCalibrationError };
  const words = {
    live_auc: `live AUC of version ${version}`,
    live_log_loss: `live log-loss of version ${version}`,
    live_calibration: `mean score ÷ click rate of version ${version}`,
  };
  return judgePerformance(sums, evaluatedAuc, limits).map(({ monitor, value, threshold, alerted }) => ({
    monitor,
    subject: '',
    value,
    threshold,
    alerted,
    rows: sums.rows,
    message: `${words[monitor]} is ${value.toFixed(3)}, the limit is ${threshold.toFixed(3)}${monitor === 'live_auc' && evaluatedAuc !== undefined ? ` (it was evaluated at ${evaluatedAuc.toFixed(3)})` : ''}`,
  }));
}
