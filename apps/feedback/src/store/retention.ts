import type { Pool, PoolClient } from 'pg';
import { keptHorizons } from '@adstocrat/monitors';
import { addCounts } from './counts.ts';
import { doneUntil } from './cursors.ts';
import { dropSlice, type Slices } from './slices.ts';
import { lanes } from './tables.ts';

export interface Retention {
  readonly pool: Pool;
  readonly slices: Slices;
  /** Models whose predictions can be labelled. */
  readonly models: readonly string[];
  /** Those of them that predictions were taken in of. */
  readonly begun: readonly string[];
  /** Longest server time from a prediction to its label. */
  readonly horizonMs: number;
  readonly watermarkMs: number;
}

/**
 * Drops the slices in which nothing is unlabelled and for which nothing can ask any more. Rows of models without a task can't be
 * labelled: they go with their slice and are counted. Returns the starts of those dropped.
 */
export async function dropEndedSlices(options: Retention): Promise<readonly number[]> {
  const { pool, slices, models, begun, horizonMs, watermarkMs } = options;
  const cursors = await Promise.all(begun.map((model) => doneUntil(pool, 'labels', model, lanes)));
  const doneMs = Math.min(watermarkMs, await doneUntil(pool, 'facts', '', 1), ...cursors);
  const dropped: number[] = [];
  for (const slice of await slices.refresh()) {
    if (slice.dropped) continue;
    if (slice.toMs + keptHorizons * horizonMs > watermarkMs || slice.toMs + horizonMs > doneMs) break;
    await dropSlice(pool, slice.fromMs, (client) => countWithoutTask(client, slice.fromMs, models));
    dropped.push(slice.fromMs);
  }
  if (dropped.length > 0) await slices.refresh();
  return dropped;
}

/** Server time that alerts, retrain requests and readings are kept for. */
const toldMs = 90 * 86_400_000;

/**
 * Forgets what was told long ago, and sums of windows that nobody judges, as of a model that is not in service. A model's newest retrain
 * request stays: its cool-down counts from it.
 */
export async function forgetOld(pool: Pool, watermarkMs: number, horizonMs: number): Promise<void> {
  const told = Math.floor(watermarkMs - toldMs);
  const unjudged = Math.floor(watermarkMs - keptHorizons * horizonMs);
  await pool.query('DELETE FROM feedback.alerts WHERE published AND resolved_ms < $1', [told]);
  await pool.query('DELETE FROM feedback.readings WHERE end_ms < $1', [told]);
  await pool.query(
    `DELETE FROM feedback.retrains r WHERE published AND event_time_ms < $1
       AND EXISTS (SELECT FROM feedback.retrains newer WHERE newer.model = r.model AND newer.event_time_ms > r.event_time_ms)`,
    [told],
  );
  await pool.query('DELETE FROM feedback.sums WHERE end_ms < $1', [unjudged]);
}

async function countWithoutTask(client: PoolClient, slice: number, models: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ model: string; count: number }>(
    'SELECT model, count(*) AS count FROM feedback.predictions WHERE slice = $1 AND model <> ALL($2) GROUP BY model',
    [slice, models],
  );
  await addCounts(
    client,
    0,
    rows.map(({ model, count }) => ({ model, name: 'without_task', count })),
  );
}
