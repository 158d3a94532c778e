import type { Pool } from 'pg';
import { events } from '@adstocrat/schemas';

/** When a task's window opens. */
export type Opens = 'prediction' | 'impression';

/**
 * Takes predictions in: what is there already is left as it is, clicks and impressions that came first are joined. One statement a
 * batch, so a batch that is delivered again changes nothing.
 */
export async function acceptPredictions(
  pool: Pool,
  batch: readonly events.PredictionMade[],
  opensOf: (model: string) => Opens,
): Promise<void> {
  const columns = [
    batch.map(({ predictionId }) => predictionId),
    batch.map(({ model }) => model),
    batch.map(({ version }) => version),
    batch.map(({ score }) => score),
    batch.map(({ model, eventTimeMs }) => (opensOf(model) === 'prediction' ? Math.trunc(eventTimeMs) : null)),
    batch.map((event) => Buffer.from(events.PredictionMade.encode(event).finish())),
    batch.map(({ eventTimeMs }) => Math.trunc(eventTimeMs)),
  ];
  await pool.query(
    `WITH given AS (
       SELECT DISTINCT ON (prediction_id) * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::real[], $5::bigint[], $6::bytea[], $7::bigint[])
         AS given(prediction_id, model, version, score, opened_ms, event, event_ms)
     ), clicks AS (
       DELETE FROM feedback.early_clicks USING given WHERE early_clicks.prediction_id = given.prediction_id
       RETURNING early_clicks.prediction_id, early_clicks.event_ms
     ), impressions AS (
       DELETE FROM feedback.early_impressions USING given WHERE early_impressions.prediction_id = given.prediction_id
       RETURNING early_impressions.prediction_id, early_impressions.event_ms
     ), added AS (
       INSERT INTO feedback.predictions (prediction_id, model, version, score, opened_ms, clicked_ms, event)
       SELECT prediction_id, model, version, score, coalesce(impressions.event_ms, opened_ms), clicks.event_ms, event
       FROM given LEFT JOIN clicks USING (prediction_id) LEFT JOIN impressions USING (prediction_id)
       ON CONFLICT DO NOTHING RETURNING prediction_id, model
     )
     INSERT INTO feedback.totals AS totals (model, predictions, newest_ms)
     SELECT model, count(*), max(event_ms) FROM added JOIN given USING (prediction_id, model) GROUP BY model
     ON CONFLICT (model) DO UPDATE SET predictions = totals.predictions + excluded.predictions,
       newest_ms = greatest(totals.newest_ms, excluded.newest_ms)`,
    columns,
  );
}

/** Takes clicks in. The first click of a prediction counts; one that comes before its prediction waits for it. */
export function acceptClicks(pool: Pool, batch: readonly events.ClickSeen[]): Promise<void> {
  return accept(pool, batch, 'clicked_ms', 'early_clicks');
}

/** Takes impressions in: each opens its prediction's window. */
export function acceptImpressions(pool: Pool, batch: readonly events.ImpressionSeen[]): Promise<void> {
  return accept(pool, batch, 'opened_ms', 'early_impressions');
}

async function accept(
  pool: Pool,
  batch: readonly { readonly predictionId: string; readonly eventTimeMs: number }[],
  column: 'clicked_ms' | 'opened_ms',
  early: 'early_clicks' | 'early_impressions',
): Promise<void> {
  await pool.query(
    `WITH given AS (
       SELECT prediction_id, min(event_ms) AS event_ms FROM unnest($1::text[], $2::bigint[]) AS given(prediction_id, event_ms) GROUP BY 1
     ), known AS (
       UPDATE feedback.predictions SET ${column} = coalesce(predictions.${column}, given.event_ms)
       FROM given WHERE predictions.prediction_id = given.prediction_id RETURNING predictions.prediction_id
     )
     INSERT INTO feedback.${early} (prediction_id, event_ms) SELECT prediction_id, event_ms FROM given
     WHERE prediction_id NOT IN (SELECT prediction_id FROM known) ON CONFLICT DO NOTHING`,
    [batch.map(({ predictionId }) => predictionId), batch.map(({ eventTimeMs }) => Math.trunc(eventTimeMs))],
  );
}
