import type { openPool } from '@adstocrat/postgres-client';

/** The only training run of a system, as its job says. */
export interface WatchedRun {
  readonly state: string;
  /** Grows with every process that takes it. */
  readonly attempt: number;
  /** Attempts so far. */
  readonly tries: number;
  readonly reason: string | null;
  /** Steps of training, so far and in all; 0 of 0 before the training. */
  readonly done: number;
  readonly total: number;
}

/** Undefined before it is asked for. */
export async function watchedRun(pool: ReturnType<typeof openPool>): Promise<WatchedRun | undefined> {
  const { rows } = await pool.query<WatchedRun>(
    `SELECT state, attempt::int, tries, reason,
       CASE WHEN progress->>'step' = 'train' THEN (progress->>'done')::int ELSE 0 END AS done,
       CASE WHEN progress->>'step' = 'train' THEN (progress->>'total')::int ELSE 0 END AS total
     FROM jobs.jobs WHERE kind = 'train'`,
  );
  return rows[0];
}
