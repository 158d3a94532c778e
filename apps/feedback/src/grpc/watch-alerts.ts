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
    const { rows } = await pool.query<AlertRow>(
      'SELECT * FROM feedback.alerts WHERE model = $1 AND number > $2 ORDER BY number LIMIT $3',
      [model, last, maxRows],
    );
    for (const row of rows) {
      last = row.number;
      yield messageOf(row);
    }
    if (rows.length < maxRows) await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Alerts that are open, oldest first; the newest {@link maxRows} of more. */
export async function openAlerts(pool: Pool, model: string): Promise<feedback.WatchAlertsResponse[]> {
  const { rows } = await pool.query<AlertRow>(
    'SELECT * FROM feedback.alerts WHERE model = $1 AND resolved_ms IS NULL ORDER BY number DESC LIMIT $2',
    [model, maxRows],
  );
  return rows.reverse().map(messageOf);
}

interface AlertRow {
  readonly number: number;
  readonly alert_id: string;
  readonly version: number;
  readonly monitor: string;
  readonly subject: string;
  readonly value: number;
  readonly threshold: number;
  readonly message: string;
  readonly event_time_ms: number;
  readonly raised_at_ms: number;
}

function messageOf(row: AlertRow): feedback.WatchAlertsResponse {
  const { version, monitor, subject, value, threshold, message } = row;
  const at = { eventTimeMs: row.event_time_ms, raisedAtMs: row.raised_at_ms };
  return { alertId: row.alert_id, version, monitor, subject, value, threshold, message, ...at };
}
