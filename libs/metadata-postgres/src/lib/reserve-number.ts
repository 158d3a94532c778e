import type { Pool, PoolClient } from 'pg';
import type { Transaction } from '@adstocrat/jobs';
import { clientOf } from '@adstocrat/jobs-postgres';
import { inTransaction } from '@adstocrat/postgres-client';

const tables = {
  span: { table: 'registry.span_numbers', scope: 'task', holder: 'input_digest' },
  version: { table: 'registry.version_numbers', scope: 'model', holder: 'run_id' },
} as const;

/** The number that a holder has in its scope, or the scope's next one. Numbers have no gaps and never repeat. */
export function reserveNumber(
  pool: Pool,
  number: keyof typeof tables,
  key: readonly [scope: string, holder: string],
  transaction?: Transaction,
): Promise<number> {
  if (transaction !== undefined) return reserve(clientOf(transaction), number, key);
  return inTransaction(pool, (client) => reserve(client, number, key));
}

async function reserve(
  client: PoolClient,
  number: keyof typeof tables,
  [scopeValue, holderValue]: readonly [string, string],
): Promise<number> {
  const { table, scope, holder } = tables[number];
  // One reservation at a time within a scope.
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${table}/${scopeValue}`]);
  const { rows: known } = await client.query<{ number: number }>(
    `SELECT ${number} AS number FROM ${table} WHERE ${scope} = $1 AND ${holder} = $2`,
    [scopeValue, holderValue],
  );
  if (known[0] !== undefined) return known[0].number;
  const { rows } = await client.query<{ number: number }>(
    `INSERT INTO ${table} (${scope}, ${holder}, ${number})
     SELECT $1::text, $2::text, coalesce(max(${number}), 0) + 1 FROM ${table} WHERE ${scope} = $1 RETURNING ${number} AS number`,
    [scopeValue, holderValue],
  );
  if (rows[0] === undefined) throw new Error(`no ${number} was given to ${scopeValue}`);
  return rows[0].number;
}
