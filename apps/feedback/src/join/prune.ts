import type { Pool } from 'pg';

/** Windows that a labelled row is kept for. */
const keptWindows = 4;

/** Removes what no window will ask for again: labelled rows, and what waited a week for a prediction or an impression. */
export async function prune(pool: Pool, model: string, watermarkMs: number, windowMs: number): Promise<void> {
  await pool.query('DELETE FROM feedback.predictions WHERE model = $1 AND labelled AND opened_ms < $2', [
    model,
    Math.floor(watermarkMs - keptWindows * windowMs),
  ]);
  await pool.query(
    `DELETE FROM feedback.predictions WHERE model = $1 AND opened_ms IS NULL AND seen_at < now() - interval '7 days'`,
    [model],
  );
  for (const table of ['early_clicks', 'early_impressions'])
    await pool.query(`DELETE FROM feedback.${table} WHERE seen_at < now() - interval '7 days'`);
}
