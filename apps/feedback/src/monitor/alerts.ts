import type { Pool, PoolClient } from 'pg';
import type { EventBus } from '@adstocrat/event-bus';
import { inTransaction } from '@adstocrat/postgres-client';
import { type events, topics } from '@adstocrat/schemas';
import { eventId } from '../event-id.ts';

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
export async function recordReadings(client: PoolClient, window: WindowReadings): Promise<void> {
  const { model, version, startMs, endMs, readings } = window;
  if (readings.length === 0) return;
  await client.query(
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
  const { rows: open } = await client.query<OpenAlert>(
    'SELECT alert_id, version, monitor, subject FROM feedback.alerts WHERE model = $1 AND resolved_ms IS NULL',
    [model],
  );
  for (const reading of readings) {
    const same = open.find(
      (alert) => alert.version === version && alert.monitor === reading.monitor && alert.subject === reading.subject,
    );
    if (reading.alerted && same === undefined) {
      await client.query(
        `INSERT INTO feedback.alerts (alert_id, model, version, monitor, subject, value, threshold, message, onset_ms, event_time_ms, raised_at_ms, labelled_before)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce((SELECT sum(count) FROM feedback.counts WHERE model = $2 AND name = 'labelled'), 0)) ON CONFLICT DO NOTHING`,
        [
          `${model}/${version}/${reading.monitor}/${reading.subject}/${endMs}`,
          ...[model, version, reading.monitor, reading.subject, reading.value, reading.threshold, reading.message],
          ...[startMs, endMs, Date.now()],
        ],
      );
    } else if (!reading.alerted && same !== undefined) {
      await resolve(client, [same.alert_id], endMs);
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

async function resolve(client: PoolClient, ids: readonly string[], atMs: number): Promise<void> {
  await client.query(
    'UPDATE feedback.alerts SET resolved_ms = $2, published = false WHERE alert_id = ANY($1::text[])',
    [ids, atMs],
  );
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

/** Alerts said at once. */
const maxSaid = 100;

/**
 * Says on the bus what was raised or resolved and not yet said, and returns it. Rows are held until they are said: two processes do
 * not say the same, and after a crash it is said again under the same id.
 */
export async function publishAlerts(pool: Pool, bus: EventBus): Promise<readonly events.MonitorAlerted[]> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<AlertRow>(
      'SELECT * FROM feedback.alerts WHERE NOT published ORDER BY number LIMIT $1 FOR UPDATE SKIP LOCKED',
      [maxSaid],
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
        id: eventId(`${topics.monitorAlerted.name}/${event.alertId}/${event.resolved ? 'resolved' : 'raised'}`),
        key: event.model,
        source: 'feedback',
        event,
      })),
    );
    const ids = rows.map(({ alert_id: id }) => id);
    await client.query('UPDATE feedback.alerts SET published = true WHERE alert_id = ANY($1::text[])', [ids]);
    return said;
  });
}
