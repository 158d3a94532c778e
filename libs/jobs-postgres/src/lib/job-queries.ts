import type { ClientBase, Pool } from 'pg';
import type { JobProgress, JobRequest } from '@adstocrat/jobs';
import { jobColumns, type JobRow } from './job-row.ts';

type Database = Pool | ClientBase;
type Key = readonly [kind: string, key: string];
type Claim = Pick<JobRow, 'kind' | 'key' | 'attempt'>;

const first = ({ rows }: { readonly rows: readonly JobRow[] }): JobRow | undefined => rows[0];

export async function findJob(database: Database, [kind, key]: Key): Promise<JobRow | undefined> {
  return first(
    await database.query<JobRow>(`SELECT ${jobColumns} FROM jobs.jobs WHERE kind = $1 AND key = $2`, [kind, key]),
  );
}

export async function liveJobs(database: Database, kind: string): Promise<readonly JobRow[]> {
  const { rows } = await database.query<JobRow>(
    `SELECT ${jobColumns} FROM jobs.jobs WHERE kind = $1 AND state IN ('waiting', 'running') ORDER BY requested_at, key`,
    [kind],
  );
  return rows;
}

/** Makes the job, or has one that failed or was cancelled wait again, or leaves it as it is. */
export async function requestJob(
  database: Database,
  { kind, key, payload, by }: JobRequest<unknown>,
  trace: Readonly<Record<string, string>>,
): Promise<JobRow> {
  const made = first(
    await database.query<JobRow>(
      `INSERT INTO jobs.jobs AS j (kind, key, payload, state, requested_by, trace) VALUES ($1, $2, $3, 'waiting', $4, $5)
       ON CONFLICT (kind, key) DO UPDATE SET payload = excluded.payload, state = 'waiting', requested_by = excluded.requested_by,
         trace = excluded.trace, tries = 0, failures = 0, losses = 0, progress = NULL, reason = NULL, result = NULL, ended_at = NULL,
         run_at = clock_timestamp(), requested_at = clock_timestamp()
       WHERE j.state IN ('failed', 'cancelled') AND j.requested_by <> excluded.requested_by
       RETURNING ${jobColumns}`,
      [kind.name, key, JSON.stringify(payload), by, JSON.stringify(trace)],
    ),
  );
  const job = made ?? (await findJob(database, [kind.name, key]));
  if (job === undefined) throw new Error(`job ${kind.name}/${key} vanished while it was asked for`);
  return job;
}

/** A lease ($2, milliseconds) that ends later than two of them from now was given before the clock was set back: it is over too. */
const claimable = {
  waiting: `state = 'waiting' AND run_at <= clock_timestamp()`,
  lost: `state = 'running'
           AND lease_until NOT BETWEEN clock_timestamp() AND clock_timestamp() + 2 * $2 * interval '1 millisecond'`,
};

/** Takes the job that waits longest, or one whose lease has run out, under a new attempt. Passes over what another is taking. */
export async function claimJob(
  database: Database,
  kind: string,
  which: keyof typeof claimable,
  { leaseMs, owner }: { readonly leaseMs: number; readonly owner: string },
): Promise<JobRow | undefined> {
  return first(
    await database.query<JobRow>(
      `UPDATE jobs.jobs SET state = 'running', attempt = nextval('jobs.attempts'), tries = tries + 1,
         losses = losses + (state = 'running')::int, progress = NULL, owner = $3,
         lease_until = clock_timestamp() + $2 * interval '1 millisecond'
       WHERE kind = $1 AND key = (
         SELECT key FROM jobs.jobs
         WHERE kind = $1 AND ${claimable[which]}
         ORDER BY run_at, key FOR UPDATE SKIP LOCKED LIMIT 1)
       RETURNING ${jobColumns}`,
      [kind, leaseMs, owner],
    ),
  );
}

/** Ends the leases of the process that had this name before. */
export async function endLeasesOf(database: Database, kind: string, owner: string): Promise<void> {
  await database.query(
    `UPDATE jobs.jobs SET lease_until = clock_timestamp() WHERE kind = $1 AND owner = $2 AND state = 'running'`,
    [kind, owner],
  );
}

/** Prolongs the lease and writes the progress. False where the job is no longer this attempt's. */
export async function prolongLease(
  database: Database,
  { kind, key, attempt }: Claim,
  leaseMs: number,
  progress: JobProgress | undefined,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `UPDATE jobs.jobs SET lease_until = clock_timestamp() + $4 * interval '1 millisecond', progress = coalesce($5, progress)
     WHERE kind = $1 AND key = $2 AND attempt = $3 AND state = 'running'`,
    [kind, key, attempt, leaseMs, progress === undefined ? null : JSON.stringify(progress)],
  );
  return rowCount === 1;
}

/** The processes that went away before this attempt no longer count, where it has the job. */
export async function forgetLosses(database: Database, { kind, key, attempt }: Claim): Promise<void> {
  await database.query(
    `UPDATE jobs.jobs SET losses = 0 WHERE kind = $1 AND key = $2 AND attempt = $3 AND state = 'running' AND losses > 0`,
    [kind, key, attempt],
  );
}

/** Locks the job until the transaction ends. Undefined where there is none. */
export async function lockJob(client: ClientBase, [kind, key]: Key): Promise<JobRow | undefined> {
  return first(
    await client.query<JobRow>(`SELECT ${jobColumns} FROM jobs.jobs WHERE kind = $1 AND key = $2 FOR UPDATE`, [
      kind,
      key,
    ]),
  );
}

/** Ends a job whose row is locked. */
export async function endJob(
  client: ClientBase,
  [kind, key]: Key,
  end: {
    readonly state: 'succeeded' | 'failed' | 'cancelled';
    readonly reason?: string;
    readonly result?: unknown;
    readonly progress?: JobProgress | undefined;
  },
): Promise<void> {
  const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
  await client.query(
    `UPDATE jobs.jobs SET state = $3, reason = $4, result = $5, progress = coalesce($6, progress), lease_until = NULL,
       ended_at = clock_timestamp() WHERE kind = $1 AND key = $2`,
    [kind, key, end.state, end.reason ?? null, json(end.result), json(end.progress)],
  );
}

/** Gives an attempt's job back, to be taken after a pause. A try that is not `counted` is as if it had not been. */
export async function giveBack(
  database: Database,
  { kind, key, attempt }: Claim,
  back: { readonly pauseMs: number; readonly counted: boolean; readonly reason?: string; readonly failures?: number },
): Promise<void> {
  await database.query(
    `UPDATE jobs.jobs SET state = 'waiting', lease_until = NULL, tries = tries - $4,
       losses = 0, failures = coalesce($5, failures), reason = coalesce($6, reason),
       run_at = clock_timestamp() + $7 * interval '1 millisecond'
     WHERE kind = $1 AND key = $2 AND attempt = $3 AND state = 'running'`,
    [kind, key, attempt, back.counted ? 0 : 1, back.failures ?? null, back.reason ?? null, back.pauseMs],
  );
}

/** Forgets jobs that ended longer ago than this. */
export async function pruneJobs(database: Database, keptMs: number): Promise<void> {
  await database.query(`DELETE FROM jobs.jobs WHERE ended_at < clock_timestamp() - $1 * interval '1 millisecond'`, [
    keptMs,
  ]);
}
