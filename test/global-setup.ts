import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@adstocrat/postgres';

/** One PostgreSQL server for all specs, on a free port of 127.0.0.1; each spec makes its own database in it. */
export async function setup(): Promise<() => Promise<void>> {
  if (process.env['TEST_POSTGRES_URL'] !== undefined) return () => Promise.resolve();
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-test-postgres-'));
  const postgres = await startPostgres({ dataDir: join(folder, 'data'), createDatabases: true });
  process.env['TEST_POSTGRES_URL'] = postgres.url;
  return async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
