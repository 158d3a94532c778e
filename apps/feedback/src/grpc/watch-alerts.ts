import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { feedback } from '@adstocrat/schemas';
import { InvalidRequest } from '@adstocrat/service-kit';
import { nameProblem } from '../facts/checked.ts';

/** Wall milliseconds between two looks of a watch. */
const everyMs = 200;
/** Alerts read at once. */
const maxRows = 500;

/** Those already raised, oldest first, then new ones as they come, until the signal. */
export async function* watchAlerts(
  pool: Pool,
  model: string,
  signal: AbortSignal,
): AsyncGenerator<feedback.WatchAlertsResponse> {
  const problem = nameProblem(model);
  if (problem !== undefined) throw new InvalidRequest(`model ${problem}`);
  for (let last = 0; !signal.aborted;) {
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
    }>('SELECT * FROM feedback.alerts WHERE model = $1 AND number > $2 ORDER BY number LIMIT $3', [
      model,
      last,
      maxRows,
    ]);
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
    if (rows.length < maxRows) await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
