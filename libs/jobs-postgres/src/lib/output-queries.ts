import type { ClientBase, Pool } from 'pg';
import type { JobRow } from './job-row.ts';

interface Output {
  readonly attempt: number;
  readonly uri: string;
}

/** Remembers what an attempt is about to write. */
export async function addOutput(
  database: Pool,
  { attempt, kind, key }: Pick<JobRow, 'attempt' | 'kind' | 'key'>,
  uri: string,
): Promise<void> {
  await database.query(
    'INSERT INTO jobs.outputs (attempt, kind, key, uri) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [attempt, kind, key, uri],
  );
}

/** The outputs of an attempt that finishes are no longer this table's matter: the records of its end name them. */
export async function keepOutputs(client: ClientBase, attempt: number): Promise<void> {
  await client.query('DELETE FROM jobs.outputs WHERE attempt = $1', [attempt]);
}

/** Outputs of attempts at jobs of a kind that are over. */
export async function leftOutputs(database: Pool, kind: string): Promise<readonly Output[]> {
  const { rows } = await database.query<Output>(
    `SELECT attempt, uri FROM jobs.outputs AS o WHERE kind = $1 AND NOT EXISTS (
       SELECT FROM jobs.jobs AS j WHERE j.kind = o.kind AND j.key = o.key AND j.attempt = o.attempt AND j.state = 'running')
     ORDER BY attempt LIMIT 100`,
    [kind],
  );
  return rows;
}

export async function forgetOutput(database: Pool, { attempt, uri }: Output): Promise<void> {
  await database.query('DELETE FROM jobs.outputs WHERE attempt = $1 AND uri = $2', [attempt, uri]);
}
