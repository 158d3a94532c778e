import { Pool, types } from 'pg';

// bigint: event times and counts, all below 2^53.
const int8 = 20;
types.setTypeParser(int8, Number);

/** Connects lazily: the first query throws where the server is away. */
export function openPool(url: string): Pool {
  const pool = new Pool({ connectionString: url, max: 6, connectionTimeoutMillis: 5000 });
  // An idle connection that the server ends is not an error of anyone's query: the pool makes a new one.
  pool.on('error', () => undefined);
  return pool;
}
