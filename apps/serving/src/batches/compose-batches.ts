import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jobsResource, openArtifactStore, openExampleEngine, openJobs, type Platform } from '@adstocrat/adapters';
import { closePool, databaseAnswers, openPool } from '@adstocrat/postgres-client';
import { type PersonalKeys, type Resource, scratchOf, waitFor } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { RegistryConfig } from '../config.ts';
import type { InferenceLimits } from '../infer/admit.ts';
import type { InferenceService } from '../infer/inference-service.ts';
import { BatchPlaces } from './batch.ts';
import { BatchProcess, type ToBatchProcess } from './batch-process.ts';
import { BatchStore } from './batch-store.ts';
import { migrateBatchTables } from './batch-tables.ts';
import { BatchUpkeep } from './batch-upkeep.ts';
import { Batches } from './batches.ts';
import { workOnBatches } from './batch-work.ts';
import { OnlineFirst } from './online-first.ts';
import { PinnedServable } from './pinned-servable.ts';
import { Sources } from './sources.ts';
import { StoredRows } from './stored-rows.ts';

/** What everything of batches stands on. */
async function openBatches(config: RegistryConfig, logger: Logger, { metadata, store }: Platform) {
  const pool = openPool(config.DATABASE_URL, { name: 'serving', max: 2 });
  const jobs = await openJobs(config.DATABASE_URL, { logger, workDir: config.WORK_DIR });
  const places = new BatchPlaces(config.ARTIFACTS_URL);
  const batches = new BatchStore(pool);
  const sources = new Sources(places, batches, openArtifactStore);
  const migrate = async (): Promise<void> => {
    await jobs.migrate();
    await migrateBatchTables(pool);
  };
  const begin = new Batches({ jobs, batches, metadata, places, allowed: config.BATCH_SOURCES, migrate });
  const kept = { everyMs: config.BATCH_EVERY, keptMs: config.BATCH_KEEP };
  const upkeep = new BatchUpkeep({ jobs, batches, begin, sources, store, metadata, logger, ...kept });
  return { pool, jobs, places, batches, sources, begin, upkeep };
}

/** Of a server that answers: it begins batches, and has them worked on beside it unless `BATCHES` is off. */
export async function batchesOfServer(
  config: RegistryConfig,
  logger: Logger,
  platform: Platform,
  service: InferenceService,
): Promise<{ readonly batches: Batches; readonly stored: StoredRows; readonly resources: readonly Resource[] }> {
  const { pool, jobs, places, begin, upkeep } = await openBatches(config, logger, platform);
  const { WORK_DIR, SHUTDOWN_GRACE_MS } = config;
  const graceMs = Math.floor(SHUTDOWN_GRACE_MS / 2);
  const beside = new BatchProcess({ batches: begin, workDir: `${WORK_DIR}/batches`, graceMs, logger });
  const database: Resource = {
    name: 'database of batches',
    start: () => Promise.resolve(),
    // A database that hangs is not waited for: nothing of this process is in progress there.
    stop: async () => {
      await Promise.race([Promise.all([jobs.close(), closePool(pool)]), sleep(200)]);
    },
  };
  const stored = new StoredRows(service, platform.store, places);
  return { batches: begin, stored, resources: [database, ...(config.BATCHES === 'off' ? [] : [upkeep, beside])] };
}

/** A process that works on batches and answers nobody. */
export async function batchesAlone(
  config: RegistryConfig,
  logger: Logger,
  platform: Platform,
  parts: { readonly signal: AbortSignal; readonly limits: InferenceLimits; readonly personalKeys: PersonalKeys },
): Promise<readonly Resource[]> {
  const { pool, jobs, places, batches, sources, upkeep } = await openBatches(config, logger, platform);
  const { store, bus } = platform;
  const { signal, limits, personalKeys } = parts;
  const { WORK_DIR, BATCH_SHARD_ROWS: shardRows } = config;
  const online = new OnlineFirst();
  process.on('message', (message: Partial<ToBatchProcess>) => {
    online.busy = message.serving === 'busy';
  });
  // The server beside it has the version, most often.
  const pinned = new PinnedServable({
    store,
    workDir: scratchOf(WORK_DIR),
    neighbours: [dirname(WORK_DIR)],
    personalKeys,
  });
  const dependenciesAnswer = (): Promise<boolean> => databaseAnswers(pool);
  return [
    ...platform.resources,
    {
      name: 'tables of batches',
      start: () => waitFor('database', () => migrateBatchTables(pool), { logger, signal }),
      stop: () => closePool(pool),
    },
    { name: 'pinned servable', start: () => Promise.resolve(), stop: () => pinned.close() },
    // Stopped before: what is in progress goes back.
    jobsResource(jobs, bus, { logger, signal }),
    {
      name: 'work on batches',
      start: () => {
        const work = {
          shardRows,
          jobs,
          batches,
          places,
          sources,
          store,
          pinned,
          personalKeys,
          limits,
          online,
          dependenciesAnswer,
        };
        workOnBatches({ ...work, workDir: scratchOf(WORK_DIR), openEngine: openExampleEngine });
        return Promise.resolve();
      },
      stop: () => Promise.resolve(),
    },
    upkeep,
  ];
}
