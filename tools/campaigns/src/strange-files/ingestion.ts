import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { credentials } from '@grpc/grpc-js';
import { type RunningFakeGcs, startFakeGcs } from '@adstocrat/fake-gcs';
import { freePorts } from '@adstocrat/ports';
import { testDatabase } from '@adstocrat/postgres';
import { ingestion } from '@adstocrat/schemas';
import { newPersonalKey } from '@adstocrat/service-kit';
import { Database } from '../ground/database.ts';
import { healthy } from '../ground/health.ts';
import { ServiceProcess } from '../ground/service-process.ts';

/** The ingestion service as a process of its own, with a database, a folder of artifacts and buckets to read from. */
export interface Ingestion extends AsyncDisposable {
  readonly client: ingestion.IngestionServiceClient;
  readonly gcs: RunningFakeGcs;
  /** For the cases' data. */
  readonly folder: string;
}

export async function startIngestion(): Promise<Ingestion> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-strange-'));
  for (const name of ['artifacts', 'work', 'data']) mkdirSync(join(folder, name));
  const [gcs, database, [port]] = await Promise.all([startFakeGcs(), emptyDatabase(folder), freePorts(1)]);
  const environment = {
    HOST: '127.0.0.1',
    GRPC_PORT: String(port),
    DATABASE_URL: database.url,
    EVENT_BUS_URL: database.url,
    ARTIFACTS_URL: pathToFileURL(join(folder, 'artifacts')).href,
    WORK_DIR: join(folder, 'work'),
    STORAGE_EMULATOR_HOST: gcs.url,
    PERSONAL_KEYS: newPersonalKey(),
  };
  const logFile = join(folder, 'ingestion.log');
  const service = new ServiceProcess({ name: 'ingestion', instance: 1, environment, logFile });
  const stop = async (): Promise<void> => {
    await service.stop(20_000);
    await Promise.all([database.stop(), gcs.stop()]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    service.start();
    await healthy(service, 120_000);
  } catch (error) {
    await stop();
    throw error;
  }
  const client = new ingestion.IngestionServiceClient(service.address, credentials.createInsecure());
  return {
    client,
    gcs,
    folder: join(folder, 'data'),
    [Symbol.asyncDispose]: async () => {
      client.close();
      await stop();
    },
  };
}

/** One on the specs' own server, or a server of its own. */
async function emptyDatabase(folder: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  if (process.env['TEST_POSTGRES_URL'] === undefined)
    return Database.start({ dataDir: join(folder, 'postgres'), logFile: join(folder, 'postgres.log') });
  const database = await testDatabase();
  return { url: database.url, stop: () => database.drop() };
}
