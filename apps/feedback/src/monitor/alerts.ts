import type { Pool } from 'pg';
import type { EventBus } from '@adstocrat/event-bus';
import { topics } from '@adstocrat/schemas';

/** A monitor's reading over one window. */
export interface Reading {
  readonly monitor: string;
  readonly subject: string;
  readonly value: number;
  /** NaN where the value is only shown. */
  readonly threshold: number;
  readonly rows: number;
  readonly alerted: boolean;
  /** A sentence for people, said if it alerts. */
  readonly message: string;
}

export interface WindowReadings {
  readonly model: string;
  readonly version: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly readings: readonly Reading[];
}

interface OpenAlert {
  readonly alert_id: string;
  readonly version: number;
  readonly monitor: string;
  readonly subject: string;
}

/**
 * Records a window's readings: an alert is raised once while it lasts, and resolved by the first reading that is well again. Said
 * on the bus by {@link publishAlerts}.
 */
export async function recordReadings(pool: Pool, window: WindowReadings, nowMs: number): Promise<void> {
  const { model, version, startMs, endMs, readings } = window;
  if (readings.length === 0) return;
  await pool.query(
    `INSERT INTO feedback.readings (model, version, monitor, subject, value, threshold, rows, start_ms, end_ms)
     SELECT $1, $2, monitor, subject, value, threshold, rows, $3, $4
     FROM unnest($5::text[], $6::text[], $7::float8[], $8::float8[], $9::bigint[]) AS given(monitor, subject, value, threshold, rows)
     ON CONFLICT (model, version, monitor, subject) DO UPDATE SET value = excluded.value, threshold = excluded.threshold,
       rows = excluded.rows, start_ms = excluded.start_ms, end_ms = excluded.end_ms`,
    [
      ...[model, version, startMs, endMs, readings.map((one) => one.monitor), readings.map((one) => one.subject)],
      ...[readings.map((one) => one.value), readings.map((one) => one.threshold), readings.map((one) => one.rows)],
    ],
  );
  const { rows: open } = await pool.query<OpenAlert>(
    'SELECT alert_id, version, monitor, subject FROM feedback.alerts WHERE model = $1 AND resolved_ms IS NULL',
    [model],
  );
  for (const reading of readings) {
    const same = open.find(
      (alert) => alert.version === version && alert.monitor === reading.monitor && alert.subject === reading.subject,
    );
    if (reading.alerted && same === undefined) {
      await pool.query(
        `INSERT INTO feedback.alerts (alert_id, model, version, monitor, subject, value, threshold, message, onset_ms, event_time_ms, raised_at_ms, labelled_before)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce((SELECT labelled FROM feedback.totals WHERE model = $2), 0)) ON CONFLICT DO NOTHING`,
        [
          `${model}/${version}/${reading.monitor}/${reading.subject}/${endMs}`,
          ...[model, version, reading.monitor, reading.subject, reading.value, reading.threshold, reading.message],
          ...[startMs, endMs, nowMs],
        ],
      );
    } else if (!reading.alerted && same !== undefined) {
      await resolve(pool, [same.alert_id], endMs);
    }
  }
}

/** Alerts about versions that no longer serve are over. */
export async function resolveOthers(
  pool: Pool,
  model: string,
  versions: readonly number[],
  atMs: number,
): Promise<void> {
  await pool.query(
    `UPDATE feedback.alerts SET resolved_ms = $3, published = false
     WHERE model = $1 AND resolved_ms IS NULL AND NOT (version = ANY($2::bigint[]))`,
    [model, versions, Math.floor(atMs)],
  );
}

async function resolve(pool: Pool, ids: readonly string[], atMs: number): Promise<void> {
  await pool.query('UPDATE feedback.alerts SET resolved_ms = $2, published = false WHERE alert_id = ANY($1::text[])', [
    ids,
    atMs,
  ]);
}

interface AlertRow extends OpenAlert {
  readonly model: string;
  readonly value: number;
  readonly threshold: number;
  readonly message: string;
  readonly event_time_ms: number;
  readonly raised_at_ms: number;
  readonly resolved_ms: number | null;
}

/** Says what was raised or resolved and not yet said: on the bus, and to the webhook where there is one. */
export async function publishAlerts(
  pool: Pool,
  bus: EventBus,
  webhook: ((alert: object) => Promise<void>) | undefined,
): Promise<readonly string[]> {
  const { rows } = await pool.query<AlertRow>(
    'SELECT * FROM feedback.alerts WHERE NOT published ORDER BY number LIMIT 100',
  );
  if (rows.length === 0) return [];
  const said = rows.map((row) => ({
    alertId: row.alert_id,
    model: row.model,
    version: row.version,
    monitor: row.monitor,
    subject: row.subject,
    value: row.value,
    threshold: row.threshold,
    message: row.message,
    raisedAtMs: row.raised_at_ms,
    eventTimeMs: row.resolved_ms ?? row.event_time_ms,
    resolved: row.resolved_ms !== null,
  }));
  await bus.publish(
    topics.monitorAlerted,
    said.map((event) => ({
      id: `monitor.alerted/${event.alertId}/${event.resolved ? 'resolved' : 'raised'}`,
      key: event.model,
      source: 'feedback',
      event,
    })),
  );
  for (const event of said) await webhook?.(event);
  for (const { alert_id: id, resolved_ms: resolved } of rows)
    await pool.query(
      'UPDATE feedback.alerts SET published = true WHERE alert_id = $1 AND resolved_ms IS NOT DISTINCT FROM $2',
      [id, resolved],
    );
  return said.filter(({ resolved }) => !resolved).map(({ message }) => message);
}
