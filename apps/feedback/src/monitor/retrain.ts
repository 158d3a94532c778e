import type { Pool } from 'pg';
import { type EventBus, uuidV7 } from '@adstocrat/event-bus';
import { decideRetrain, defaultRetrainLimits } from '@adstocrat/monitors';
import { topics } from '@adstocrat/schemas';
import { parseDurationMs, type Task } from '@adstocrat/tasks';

/** Records a wish for a retrain. Said on the bus by {@link publishRetrains}. Returns its id. */
export async function recordRetrain(pool: Pool, model: string, reason: string, eventTimeMs: number): Promise<string> {
  const id = `${model}.${uuidV7()}`;
  await pool.query(
    'INSERT INTO feedback.retrains (retrain_id, model, reason, event_time_ms, requested_at_ms) VALUES ($1, $2, $3, $4, $5)',
    [id, model, reason, Math.floor(eventTimeMs), Date.now()],
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
  nowMs: number,
  { retrainCoolDown, minLabelled }: Task['thresholds'],
): Promise<string | undefined> {
  const { rows: alerts } = await pool.query<{ onset_ms: number; message: string; labelled_before: number }>(
    `SELECT onset_ms, message, labelled_before FROM feedback.alerts
     WHERE model = $1 AND version = $2 AND resolved_ms IS NULL AND monitor <> 'feature_drift' ORDER BY number`,
    [model, version],
  );
  if (alerts.length === 0) return undefined;
  const { rows: last } = await pool.query<{ event_time_ms: number | null }>(
    'SELECT max(event_time_ms) AS event_time_ms FROM feedback.retrains WHERE model = $1',
    [model],
  );
  const { rows: totals } = await pool.query<{ labelled: number }>(
    'SELECT labelled FROM feedback.totals WHERE model = $1',
    [model],
  );
  const lastRequestMs = last[0]?.event_time_ms ?? undefined;
  const decision = decideRetrain(
    {
      nowMs,
      openAlertOnsetsMs: alerts.map(({ onset_ms: onset }) => onset),
      labelledSinceOnset: (totals[0]?.labelled ?? 0) - Math.min(...alerts.map((alert) => alert.labelled_before)),
      ...(lastRequestMs === undefined ? {} : { lastRequestMs }),
    },
    {
      coolDownMs: retrainCoolDown === undefined ? defaultRetrainLimits.coolDownMs : parseDurationMs(retrainCoolDown),
      minLabelled: minLabelled ?? defaultRetrainLimits.minLabelled,
    },
  );
  if (decision.kind === 'none') return undefined;
  const others = alerts.length > 3 ? `; and ${alerts.length - 3} more` : '';
  const reason = `${alerts
    .slice(0, 3)
    .map(({ message }) => message)
    .join('; ')}${others}`;
  return recordRetrain(pool, model, reason, nowMs);
}

/** Says requests that were recorded and not yet said. */
export async function publishRetrains(pool: Pool, bus: EventBus): Promise<void> {
  const { rows } = await pool.query<{
    retrain_id: string;
    model: string;
    reason: string;
    event_time_ms: number;
    requested_at_ms: number;
  }>('SELECT * FROM feedback.retrains WHERE NOT published ORDER BY requested_at_ms');
  for (const row of rows) {
    const { retrain_id: retrainId, model, reason, event_time_ms: eventTimeMs, requested_at_ms: requestedAtMs } = row;
    await bus.publish(topics.retrainRequested, [
      {
        id: `retrain.requested/${retrainId}`,
        key: model,
        source: 'feedback',
        event: { retrainId, model, task: model, reason, eventTimeMs, requestedAtMs },
      },
    ]);
    await pool.query('UPDATE feedback.retrains SET published = true WHERE retrain_id = $1', [retrainId]);
  }
}
