import type { Pool, PoolClient } from 'pg';

/** Duties that go through what was seen in its order. */
export type CursorDuty = 'labels' | 'features' | 'facts';

/**
 * Takes the cursor of a duty for this transaction: everything seen until it is done. Undefined where another process has it now.
 * Begins at -1.
 */
export async function cursorOf(
  client: PoolClient,
  duty: CursorDuty,
  model: string,
  lane: number,
): Promise<number | undefined> {
  const take =
    'SELECT until_ms FROM feedback.cursors WHERE duty = $1 AND model = $2 AND lane = $3 FOR UPDATE SKIP LOCKED';
  const known = await client.query<{ until_ms: number }>(take, [duty, model, lane]);
  if (known.rows[0] !== undefined) return known.rows[0].until_ms;
  const made = await client.query(
    'INSERT INTO feedback.cursors (duty, model, lane, until_ms) VALUES ($1, $2, $3, -1) ON CONFLICT DO NOTHING',
    [duty, model, lane],
  );
  return made.rowCount === 1 ? -1 : undefined;
}

export async function moveCursor(
  client: PoolClient,
  duty: CursorDuty,
  model: string,
  lane: number,
  untilMs: number,
): Promise<void> {
  await client.query(
    'UPDATE feedback.cursors SET until_ms = $4 WHERE duty = $1 AND model = $2 AND lane = $3 AND until_ms < $4',
    [duty, model, lane, Math.floor(untilMs)],
  );
}

/** Up to where a duty has done with all lanes of a model; -1 where one has not begun. `lanes`: how many there are. */
export async function doneUntil(
  pool: Pool | PoolClient,
  duty: CursorDuty,
  model: string,
  lanes: number,
): Promise<number> {
  const { rows } = await pool.query<{ until_ms: number | null; lanes: number }>(
    'SELECT min(until_ms) AS until_ms, count(*) AS lanes FROM feedback.cursors WHERE duty = $1 AND model = $2',
    [duty, model],
  );
  const { until_ms: untilMs = null, lanes: begun = 0 } = rows[0] ?? {};
  return untilMs === null || begun < lanes ? -1 : untilMs;
}
