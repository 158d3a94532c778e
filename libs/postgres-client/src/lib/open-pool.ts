import { Pool, type PoolClient, types } from 'pg';

export interface PoolSettings {
  /** Most connections. Default: 6. */
  readonly max?: number;
  /** Longest wait for a connection. Default: 5000. */
  readonly connectTimeoutMs?: number;
  /** Longest time for one statement: the server ends it, and 5 s later the client gives it up. Default: 60,000. */
  readonly statementTimeoutMs?: number;
  /** Longest time that a transaction may wait for its client, locks in hand. Default: 60,000. */
  readonly idleInTransactionMs?: number;
  /** Shown by `pg_stat_activity`. */
  readonly name?: string;
}

const connections = new WeakMap<Pool, Set<PoolClient>>();

/**
 * Connects lazily: the first query throws where the server is away. A connection that the server ends is an error of the query
 * that it was used for and of nothing else. `bigint` comes as a number; one above 2^53 is a `RangeError`: select it as text.
 */
export function openPool(url: string, settings: PoolSettings = {}): Pool {
  const statementTimeoutMs = settings.statementTimeoutMs ?? 60_000;
  const pool = new Pool({
    connectionString: url,
    max: settings.max ?? 6,
    connectionTimeoutMillis: settings.connectTimeoutMs ?? 5000,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 5000,
    idle_in_transaction_session_timeout: settings.idleInTransactionMs ?? 60_000,
    keepAlive: true,
    types: { getTypeParser },
    ...(settings.name === undefined ? {} : { application_name: settings.name }),
  });
  const open = new Set<PoolClient>();
  connections.set(pool, open);
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    open.add(client);
    // A pool listens to its idle connections alone; one that is out with nobody listening would end the process.
    client.on('error', () => undefined);
  });
  pool.on('remove', (client) => open.delete(client));
  return pool;
}

/** Waits for what is in flight, at most `graceMs` (default: 5000), then cuts the connections. Never throws. */
export async function closePool(pool: Pool, graceMs = 5000): Promise<void> {
  if (pool.ending) return;
  let timer: NodeJS.Timeout | undefined;
  const cut = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      for (const client of connections.get(pool) ?? []) socketOf(client).destroy();
      // Who holds one and asks nothing of it does not notice: nobody waits for him.
      resolve();
    }, graceMs);
  });
  await Promise.race([pool.end().catch(() => undefined), cut]);
  clearTimeout(timer);
}

/** pg has no public way to cut a connection without asking the server, which may hang. */
function socketOf(client: PoolClient): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
}

const int8 = 20;

function getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
  if (oid === int8 && format !== 'binary') return safeInteger;
  return types.getTypeParser(oid, format as 'text');
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} is no exact number: select it as text`);
  return value;
}
