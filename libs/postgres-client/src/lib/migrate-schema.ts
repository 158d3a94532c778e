import type { Pool } from 'pg';
import { inTransaction } from './in-transaction.ts';

/**
 * Brings a schema to the version of this code, once, whoever asks at the same time. Each migration (SQL) brings it one version
 * further; they are only ever added to. `schema` is a plain lower-case name.
 */
export async function migrateSchema(pool: Pool, schema: string, migrations: readonly string[]): Promise<void> {
  await inTransaction(
    pool,
    async (client) => {
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema};
        CREATE TABLE IF NOT EXISTS ${schema}.migrations (version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`);
      const { rows } = await client.query<{ version: number }>(
        `SELECT coalesce(max(version), 0) AS version FROM ${schema}.migrations`,
      );
      const done = rows[0]?.version ?? 0;
      for (const [index, statements] of migrations.entries()) {
        if (index < done) continue;
        await client.query(statements);
        await client.query(`INSERT INTO ${schema}.migrations (version) VALUES ($1)`, [index + 1]);
      }
    },
    { lock: `migrate/${schema}` },
  );
}
