import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from './start-postgres.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  drop(): Promise<void>;
}

let own: Promise<{ readonly url: string }> | undefined;

/** A new, empty database on `TEST_POSTGRES_URL`'s server, or on one that this process starts for all its tests. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = process.env['TEST_POSTGRES_URL'] ?? (await (own ??= startOwn())).url;
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const url = server.replace(/\/[^/]*$/, `/${name}`);
  const drop = (): Promise<void> => execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  return { url, drop, [Symbol.asyncDispose]: drop };
}

async function startOwn(): Promise<{ readonly url: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-postgres-'));
  const postgres = await startPostgres({ dataDir: join(folder, 'data'), createDatabases: true });
  process.once('exit', () => {
    process.kill(postgres.pid, 'SIGQUIT');
    rmSync(folder, { recursive: true, force: true });
  });
  return postgres;
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
