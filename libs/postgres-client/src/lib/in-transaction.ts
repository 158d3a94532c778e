import type { Pool, PoolClient } from 'pg';

export interface TransactionOptions {
  /** One transaction with this lock at a time in the whole database; others wait for it. */
  readonly lock?: string;
}

/** Longest wait for a rollback before the connection is given up: the server then rolls back by itself. */
const rollbackMs = 2000;

/**
 * Runs `work` in a transaction (READ COMMITTED) and commits it. Whatever `work` throws rolls it back and is thrown. A commit that
 * fails on a broken connection may have happened: work that is tried again must be the same work.
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('BEGIN');
    if (options.lock !== undefined)
      await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [options.lock]);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    const rollback = { text: 'ROLLBACK', query_timeout: rollbackMs };
    await client.query(rollback).catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
