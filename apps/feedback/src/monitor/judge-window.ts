import type { Pool } from 'pg';
import { judgeDrift, judgePerformance, ValueCounts } from '@adstocrat/monitors';
import { events } from '@adstocrat/schemas';
import type { Task } from '@adstocrat/tasks';
import type { Reading } from './alerts.ts';
import type { Baseline } from './baseline.ts';

/** A stretch of event time, [startMs, endMs). */
export interface EventWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** Rows that a window needs before its features are judged. */
const minDriftRows = 500;
/** Rows that are read into counts, at most: enough for any share to be known to a hundredth. */
const maxDriftRows = 20_000;

/** Compares a window's features with the training span's. Labels are not needed. */
export async function judgeFeatures(
  pool: Pool,
  model: string,
  window: EventWindow,
  baseline: Baseline,
  { featureDriftBits }: Task['thresholds'],
): Promise<readonly Reading[]> {
  const { rows } = await pool.query<{ readonly event: Buffer }>(
    'SELECT event FROM feedback.predictions WHERE model = $1 AND opened_ms >= $2 AND opened_ms < $3 ORDER BY opened_ms LIMIT $4',
    [model, window.startMs, window.endMs, maxDriftRows],
  );
  if (rows.length < minDriftRows) return [];
  const counts = baseline.columns.map(({ statistics }) => ValueCounts.of(statistics));
  for (const row of rows) {
    const { features } = events.PredictionMade.decode(row.event);
    for (const [index, { statistics }] of baseline.columns.entries()) {
      const value = features[statistics.name];
      counts[index]?.add(value?.text ?? value?.integer ?? value?.number);
    }
  }
  return baseline.columns.flatMap(({ drift }, index) => {
    const own = counts[index];
    const reading = own && judgeDrift(drift, own, featureDriftBits);
    if (reading === undefined) return [];
    const { column, bits, threshold, drifted } = reading;
    const message = `"${column}" has drifted from what version ${baseline.version} was trained on: ${bits.toFixed(3)} bits (Jensen–Shannon), the limit is ${threshold.toFixed(3)}`;
    return [
      {
        monitor: 'feature_drift',
        subject: column,
        value: bits,
        threshold,
        rows: rows.length,
        alerted: drifted,
        message,
      },
    ];
  });
}

/** Judges one version's answers of a window in which every label is final, clicked or not. */
export async function judgeLabels(
  pool: Pool,
  model: string,
  version: number,
  window: EventWindow,
  evaluatedAuc: number | undefined,
  task: Pick<Task, 'thresholds'> & { readonly windowMs: number },
): Promise<readonly Reading[]> {
  const { rows } = await pool.query<{ readonly score: number; readonly label: number }>(
    `SELECT score, (clicked_ms IS NOT NULL AND clicked_ms BETWEEN opened_ms AND opened_ms + $5)::int AS label
     FROM feedback.predictions WHERE model = $1 AND version = $2 AND opened_ms >= $3 AND opened_ms < $4`,
    [model, version, window.startMs, window.endMs, task.windowMs],
  );
  const { liveAucDrop, liveCalibrationError } = task.thresholds;
  const readings = judgePerformance(
    { scores: rows.map(({ score }) => score), labels: rows.map(({ label }) => label) },
    evaluatedAuc,
    {
      ...(liveAucDrop === undefined ? {} : { liveAucDrop }),
      ...(liveCalibrationError === undefined ? {} : { liveCalibrationError }),
    },
  );
  const words = {
    live_auc: `live AUC of version ${version}`,
    live_log_loss: `live log-loss of version ${version}`,
    live_calibration: `mean score ÷ click rate of version ${version}`,
  };
  return readings.map(({ monitor, value, threshold, alerted }) => ({
    monitor,
    subject: '',
    value,
    threshold,
    alerted,
    rows: rows.length,
    message: `${words[monitor]} is ${value.toFixed(3)}, the limit is ${threshold.toFixed(3)}${monitor === 'live_auc' && evaluatedAuc !== undefined ? ` (it was evaluated at ${evaluatedAuc.toFixed(3)})` : ''}`,
  }));
}
