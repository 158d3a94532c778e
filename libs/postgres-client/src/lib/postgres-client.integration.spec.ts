import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningPostgres, startPostgres } from '@adstocrat/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseAnswers } from './database-answers.ts';
import { inTransaction } from './in-transaction.ts';
import { closePool, openPool } from './open-pool.ts';

describe('a pool and its transactions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-client-'));
  chmodSync(folder, 0o755);
  const dataDir = join(folder, 'data');
  let server: RunningPostgres;
  beforeAll(async () => {
    server = await startPostgres({ dataDir });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('rolls back what throws, and goes on with the same connection', async () => {
    const pool = openPool(server.url, { max: 1 });
    await pool.query('CREATE TABLE kept (value int)');
    const failing = inTransaction(pool, async (client) => {
      await client.query('INSERT INTO kept VALUES (1)');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await inTransaction(pool, async (client) => (await client.query('SELECT * FROM kept')).rows)).toEqual([]);
    await closePool(pool);
  });

  it('lets one transaction of a lock go on at a time', async () => {
    const pool = openPool(server.url);
    await pool.query('CREATE TABLE counter (value int); INSERT INTO counter VALUES (0)');
    const increments = Array.from({ length: 20 }, () =>
      inTransaction(
        pool,
        async (client) => {
          const { rows } = await client.query<{ value: number }>('SELECT value FROM counter');
          await client.query('UPDATE counter SET value = $1', [(rows[0]?.value ?? 0) + 1]);
        },
        { lock: 'counter' },
      ),
    );
    await Promise.all(increments);
    expect((await pool.query('SELECT value FROM counter')).rows).toEqual([{ value: 20 }]);
    await closePool(pool);
  });

  it('gives a bigint as a number, and refuses one that is none exactly', async () => {
    const pool = openPool(server.url);
    expect((await pool.query('SELECT 9007199254740991::bigint AS value')).rows).toEqual([{ value: 2 ** 53 - 1 }]);
    await expect(pool.query('SELECT 9007199254740993::bigint AS value')).rejects.toThrow(
      'bigint 9007199254740993 is no exact number: select it as text',
    );
    await closePool(pool);
  });

  // A checked-out connection with no listener ended the process: vitest fails a run in which that happens.
  it('outlives a server that is killed while connections are out and waiting', async () => {
    const pool = openPool(server.url, { max: 3 });
    const held = await pool.connect();
    const ended = inTransaction(pool, (client) => client.query('SELECT pg_sleep(60)')).catch((error: unknown) => error);
    const sleeping = `SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'`;
    await expect.poll(async () => (await pool.query(sleeping)).rowCount, { timeout: 240_000 }).toBe(1);
    await server.kill();
    try {
      expect(String(await ended)).toMatch(/terminat|ECONNRESET/);
    } finally {
      server = await startPostgres({ dataDir, port: server.port });
    }
    held.release();
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await closePool(pool);
  });

  it('takes a standby for no database that answers', async () => {
    const pool = openPool(server.url);
    expect(await databaseAnswers(pool)).toBe(true);
    await server.stop();
    writeFileSync(join(dataDir, 'standby.signal'), '', { mode: 0o644 });
    server = await startPostgres({ dataDir, port: server.port });
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(await databaseAnswers(pool)).toBe(false);
    await server.stop();
    rmSync(join(dataDir, 'standby.signal'));
    server = await startPostgres({ dataDir, port: server.port });
    await closePool(pool);
  });

  it('closes in bounded time while a connection is out and nothing is asked of it', async () => {
    const pool = openPool(server.url);
    const held = await pool.connect();
    await closePool(pool, 100);
    await expect(held.query('SELECT 1')).rejects.toThrow();
    held.release(true);
  });

  it('closes in bounded time while the server hangs', async () => {
    const pool = openPool(server.url);
    const client = await pool.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const backend = String(rows[0]?.pid);
    execFileSync('kill', ['-STOP', backend]);
    try {
      const asked = expect(client.query('SELECT 1').finally(() => client.release(true))).rejects.toThrow();
      await closePool(pool, 200);
      await asked;
    } finally {
      execFileSync('kill', ['-CONT', backend]);
    }
  });
});
