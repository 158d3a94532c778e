import type { Pool } from 'pg';

/** Whether the database answers and can be written to: a standby, or a server that is still recovering, is none. Throws where it is away. */
export async function databaseAnswers(pool: Pool): Promise<boolean> {
  return (await pool.query('SELECT 1 WHERE NOT pg_is_in_recovery()')).rows.length === 1;
}
