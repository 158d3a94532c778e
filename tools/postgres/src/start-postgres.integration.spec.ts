import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { startPostgres } from './start-postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-start-postgres-'));
chmodSync(folder, 0o755);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('startPostgres', () => {
  it('keeps what was committed when the server is killed and started again in the same folder', async () => {
    const dataDir = join(folder, 'data');
    const first = await startPostgres({ dataDir });
    await query(first.url, 'CREATE TABLE kept (value int)');
    await query(first.url, 'SET synchronous_commit = on; INSERT INTO kept VALUES (42)');
    await first.kill();
    const second = await startPostgres({ dataDir });
    try {
      expect(await query(second.url, 'SELECT value FROM kept')).toEqual([{ value: 42 }]);
    } finally {
      await second.stop();
    }
  });

  it('starts in a folder that is closed to all but its owner', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const postgres = await startPostgres({ dataDir: join(closed, 'data') });
    try {
      expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await postgres.stop();
    }
  });

  it('stops a server that a killed process left behind in the folder', async () => {
    const dataDir = join(folder, 'left');
    const left = await startPostgres({ dataDir });
    const taken = await startPostgres({ dataDir });
    try {
      await expect(query(left.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
      expect(await query(taken.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await taken.stop();
      await left.stop();
    }
  });
});
