import type { Pool, PoolClient } from 'pg';
import { type EventBus, uuidV7 } from '@adstocrat/event-bus';
import { decideRetrain, defaultRetrainLimits, type LabelRule } from '@adstocrat/monitors';
import { inTransaction } from '@adstocrat/postgres-client';
import { topics } from '@adstocrat/schemas';
import { parseDurationMs, type Task } from '@adstocrat/tasks';

/** Where a model stands. Server time, Unix milliseconds. */
export interface Standing {
  readonly nowMs: number;
  /** Every label whose window ended before it has been published. */
  readonly labelledUntilMs: number;
}

/** Up to where labels are published, by the end of their windows, where those of rows seen until `doneMs` are; 0 where none is. */
export function labelledUntilMs(doneMs: number, { windowMs, graceMs }: LabelRule): number {
  return doneMs < 0 ? 0 : doneMs + windowMs - graceMs;
}

/** Records a wish for a retrain. Said on the bus by {@link publishRetrains}. Returns its id. */
export async function recordRetrain(
  client: Pool | PoolClient,
  model: string,
  reason: string,
  { nowMs, labelledUntilMs }: Standing,
): Promise<string> {
  const id = `${model}.${uuidV7()}`;
  await client.query(
    'INSERT INTO feedback.retrains (retrain_id, model, reason, event_time_ms, until_ms, requested_at_ms) VALUES ($1, $2, $3, $4, $5, $6)',
    [id, model, reason, Math.floor(nowMs), Math.floor(labelledUntilMs), Date.now()],
  );
  return id;
}

/**
 * Asks for a retrain where the performance alerts of the version in service and the policy say so: features that drift are told to
 * people, and answered once they cost something. Returns the id of a new request.
 */
export async function retrainIfNeeded(
  pool: Pool,
  model: string,
  version: number,
  standing: Standing,
  { retrainCoolDown, minLabelled }: Task['thresholds'],
): Promise<string | undefined> {
  // One at a time of a model: two processes must not ask for the same.
  return inTransaction(
    pool,
    async (client) => {
      const { rows: alerts } = await client.query<{ onset_ms: number; message: string; labelled_before: number }>(
        `SELECT onset_ms, message, labelled_before FROM feedback.alerts
         WHERE model = $1 AND version = $2 AND resolved_ms IS NULL AND monitor <> 'feature_drift' ORDER BY number`,
        [model, version],
      );
      if (alerts.length === 0) return undefined;
      const { rows } = await client.query<{ last_ms: number | null; labelled: number }>(
        `SELECT (SELECT max(event_time_ms) FROM feedback.retrains WHERE model = $1) AS last_ms,
           coalesce((SELECT sum(count) FROM feedback.counts WHERE model = $1 AND name = 'labelled'), 0)::bigint AS labelled`,
        [model],
      );
      const { last_ms: lastMs = null, labelled = 0 } = rows[0] ?? {};
      const snapshot = {
        nowMs: standing.nowMs,
        openAlertOnsetsMs: alerts.map(({ onset_ms: onset }) => onset),
        labelledSinceOnset: labelled - Math.min(...alerts.map((alert) => alert.labelled_before)),
      };
      const decision = decideRetrain(lastMs === null ? snapshot : { ...snapshot, lastRequestMs: lastMs }, {
        coolDownMs: retrainCoolDown === undefined ? defaultRetrainLimits.coolDownMs : parseDurationMs(retrainCoolDown),
        minLabelled: minLabelled ?? defaultRetrainLimits.minLabelled,
      });
      if (decision.kind === 'none') return undefined;
      const others = alerts.length > maxReasons ? `; and ${alerts.length - maxReasons} more` : '';
      const reasons = alerts.slice(0, maxReasons).map(({ message }) => message);
      return recordRetrain(client, model, `${reasons.join('; ')}${others}`, standing);
    },
    { lock: `feedback.retrain/${model}` },
  );
}

/** Alerts that a request names. */
const maxReasons = 3;

/** Says requests that were recorded and not yet said; as `publishAlerts` does. */
export async function publishRetrains(pool: Pool, bus: EventBus): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{
      retrain_id: string;
      model: string;
      reason: string;
      event_time_ms: number;
      until_ms: number;
      requested_at_ms: number;
    }>('SELECT * FROM feedback.retrains WHERE NOT published ORDER BY requested_at_ms FOR UPDATE SKIP LOCKED');
    if (rows.length === 0) return;
    await bus.publish(
      topics.retrainRequested,
      rows.map((row) => {
        const {
          retrain_id: retrainId,
          model,
          reason,
          event_time_ms: eventTimeMs,
          requested_at_ms: requestedAtMs,
        } = row;
        return {
          id: `${topics.retrainRequested.name}/${retrainId}`,
          key: model,
          source: 'feedback',
          event: { retrainId, model, task: model, reason, eventTimeMs, requestedAtMs, untilMs: row.until_ms },
        };
      }),
    );
    const ids = rows.map(({ retrain_id: id }) => id);
    await client.query('UPDATE feedback.retrains SET published = true WHERE retrain_id = ANY($1::text[])', [ids]);
  });
}
