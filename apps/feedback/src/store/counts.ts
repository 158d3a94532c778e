import type { Pool, PoolClient } from 'pg';

/** Something counted of one model. */
export interface Count {
  readonly model: string;
  readonly name: string;
  readonly count: number;
}

/** Adds to a model's counts, in the transaction that makes them true. Lanes keep those who count at once apart. */
export async function addCounts(client: PoolClient, lane: number, counts: readonly Count[]): Promise<void> {
  const some = counts.filter(({ count }) => count > 0);
  if (some.length === 0) return;
  // In one order, so that two transactions never wait for each other.
  await client.query(
    `INSERT INTO feedback.counts AS counts (model, name, lane, count)
     SELECT model, name, $1, sum(count) FROM unnest($2::text[], $3::text[], $4::bigint[]) AS given(model, name, count)
     GROUP BY model, name ORDER BY model, name
     ON CONFLICT (model, name, lane) DO UPDATE SET count = counts.count + excluded.count`,
    [lane, some.map(({ model }) => model), some.map(({ name }) => name), some.map(({ count }) => count)],
  );
}

/** A model's counts by name. */
export async function countsOf(pool: Pool, model: string): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<{ name: string; count: number }>(
    'SELECT name, sum(count)::bigint AS count FROM feedback.counts WHERE model = $1 GROUP BY name',
    [model],
  );
  return new Map(rows.map(({ name, count }) => [name, count]));
}

/** Every model that predictions of were taken in, by name. */
export async function knownModels(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ model: string }>(
    `SELECT DISTINCT model FROM feedback.counts WHERE name = 'predictions' ORDER BY model`,
  );
  return rows.map(({ model }) => model);
}
