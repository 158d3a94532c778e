import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { feedback } from '@adstocrat/schemas';
import { InvalidRequest, NotFound } from '@adstocrat/service-kit';
import { serverStream, unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { recordRetrain } from '../monitor/retrain.ts';

/** Wall milliseconds between two looks of a watch. */
const watchMs = 200;

/** A model's totals and newest readings. Throws {@link NotFound} where nothing was ever predicted by it. */
export async function monitorsOf(pool: Pool, model: string): Promise<feedback.GetMonitorsResponse> {
  if (model === '') throw new InvalidRequest('model: name the model');
  const { rows: totals } = await pool.query<{ predictions: number; labelled: number; clicks: number }>(
    'SELECT predictions, labelled, clicks FROM feedback.totals WHERE model = $1',
    [model],
  );
  const total = totals[0];
  if (total === undefined) throw new NotFound(`nothing was predicted by "${model}" yet`);
  const { rows } = await pool.query<{
    monitor: string;
    subject: string;
    version: number;
    value: number;
    threshold: number;
    rows: number;
    start_ms: number;
    end_ms: number;
  }>('SELECT * FROM feedback.readings WHERE model = $1 ORDER BY version, monitor, subject', [model]);
  return {
    ...total,
    waiting: total.predictions - total.labelled,
    readings: rows.map(({ start_ms: windowStartMs, end_ms: windowEndMs, ...reading }) => ({
      monitor: reading.monitor,
      subject: reading.subject,
      version: reading.version,
      value: reading.value,
      threshold: reading.threshold,
      rows: reading.rows,
      windowStartMs,
      windowEndMs,
    })),
  };
}

/** FeedbackService. */
export function feedbackRoutes(pool: Pool, logger: Logger, stopping: AbortSignal): feedback.FeedbackServiceServer {
  return {
    getMonitors: unary<feedback.GetMonitorsRequest, feedback.GetMonitorsResponse>(logger, ({ model }) =>
      monitorsOf(pool, model),
    ),

    watchAlerts: serverStream<feedback.WatchAlertsRequest, feedback.WatchAlertsResponse>(
      logger,
      ({ model }, { signal }) => watchAlerts(pool, model, AbortSignal.any([signal, stopping])),
    ),

    requestRetrain: unary<feedback.RequestRetrainRequest, feedback.RequestRetrainResponse>(
      logger,
      async ({ model, reason }) => {
        const { rows } = await pool.query<{ newest_ms: number }>(
          'SELECT newest_ms FROM feedback.totals WHERE model = $1',
          [model],
        );
        const newestMs = rows[0]?.newest_ms;
        if (newestMs === undefined)
          throw new NotFound(`nothing was predicted by "${model}" yet: there is nothing to retrain on`);
        return { retrainId: await recordRetrain(pool, model, reason || 'asked for by a person', newestMs) };
      },
    ),
  };
}

/** Those already raised, oldest first, then new ones as they come. */
async function* watchAlerts(
  pool: Pool,
  model: string,
  signal: AbortSignal,
): AsyncGenerator<feedback.WatchAlertsResponse> {
  for (let last = 0; !signal.aborted; await sleep(watchMs)) {
    const { rows } = await pool.query<{
      number: number;
      alert_id: string;
      version: number;
      monitor: string;
      subject: string;
      value: number;
      threshold: number;
      message: string;
      event_time_ms: number;
      raised_at_ms: number;
    }>('SELECT * FROM feedback.alerts WHERE model = $1 AND number > $2 ORDER BY number', [model, last]);
    for (const row of rows) {
      last = row.number;
      yield {
        alertId: row.alert_id,
        version: row.version,
        monitor: row.monitor,
        subject: row.subject,
        value: row.value,
        threshold: row.threshold,
        message: row.message,
        eventTimeMs: row.event_time_ms,
        raisedAtMs: row.raised_at_ms,
      };
    }
  }
}
