import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Pool } from 'pg';
import { openArtifactStore, openEventBus, openExampleEngine, openMetadata } from '@adstocrat/adapters';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { EventBus } from '@adstocrat/event-bus';
import type { Jobs } from '@adstocrat/jobs';
import { PostgresJobs } from '@adstocrat/jobs-postgres';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { type events, topics } from '@adstocrat/schemas';
import { PersonalKeys } from '@adstocrat/service-kit';
import { createLogger } from '@adstocrat/service-kit/telemetry';
import { askForSpan } from '../batch/ask-for-span.ts';
import { workOnSpans } from '../batch/work-on-spans.ts';
import { Watchers } from '../batch/watchers.ts';
import { removeSpan, removeSpanJob } from '../clean/remove-span-job.ts';
import { HeldFiles } from '../data/held-files.ts';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { ImageMarks } from '../images/image-marks.ts';
import { ImageSweeps } from '../images/image-sweeps.ts';
import { sweepImages } from '../images/sweep-images.ts';
import { sweepImagesJob } from '../images/sweep-images-job.ts';
import { GatherShards } from '../live/gather-shards.ts';
import { IntakeProgress } from '../live/intake-progress.ts';
import { LiveIntake } from '../live/live-intake.ts';
import { LiveRows } from '../live/live-rows.ts';
import { migrateLiveTables } from '../live/live-tables.ts';
import { liveSpanJob, writeLiveSpan } from '../live/write-live-span.ts';
import { shardJob, writeShard } from '../live/write-shard.ts';

/** One process's worth of ingestion, on a database and a folder that others may share. */
export interface IngestionParts extends IngestDependencies {
  readonly databaseUrl: string;
  readonly sweeps: ImageSweeps;
  readonly imageMarks: ImageMarks;
  readonly bus: EventBus;
  readonly jobs: Jobs;
  readonly pool: Pool;
  readonly live: LiveRows;
  readonly intake: LiveIntake;
  readonly progress: IntakeProgress;
  readonly gather: GatherShards;
  /** Starts the workers. */
  work(): void;
  /** As the gRPC call does. */
  ingest(taskYaml: string, dataUri: string, signal?: AbortSignal): ReturnType<typeof askForSpan>;
  close(): Promise<void>;
}

export async function ingestionParts(
  databaseUrl: string,
  folder: string,
  {
    instance = 0,
    leaseMs = 12_000,
    keys = '5'.repeat(64),
    shardBytes = 64 << 20,
    wrap = (store: ArtifactStore): ArtifactStore => store,
    artifactsUrl = pathToFileURL(join(folder, 'artifacts')).href,
  } = {},
): Promise<IngestionParts> {
  const metadata = await openMetadata(databaseUrl);
  await metadata.migrate();
  const pool = openPool(databaseUrl, { name: 'ingestion' });
  const jobs = PostgresJobs.open(databaseUrl, { leaseMs, pollMs: 30, firstPauseMs: 20 });
  await jobs.migrate();
  await migrateLiveTables(pool);
  const bus = await openEventBus(databaseUrl);
  const local = await openArtifactStore(artifactsUrl);
  const store = wrap(local);
  const logger = createLogger({ service: 'test', level: 'silent' });
  const workDir = join(folder, `work-${instance}`);
  const opening = { openStore: openArtifactStore, openEngine: openExampleEngine };
  const held = new HeldFiles(workDir);
  const personalKeys = PersonalKeys.parse(keys, 'a test');
  const [imageMarks, sweeps] = [new ImageMarks(pool), new ImageSweeps(pool)];
  const places = { metadata, store, artifactsUrl, workDir, imageMarks };
  const dependencies = { ...places, held, personalKeys, shardBytes, logger, ...opening };
  const [live, progress, watchers] = [new LiveRows(pool), new IntakeProgress(pool), new Watchers(pool)];
  const gather = new GatherShards({ live, progress, bus, jobs, logger });
  const stopping = new AbortController();
  jobs.relay(bus);
  return {
    ...dependencies,
    databaseUrl,
    sweeps,
    imageMarks,
    bus,
    jobs,
    pool,
    live,
    intake: new LiveIntake(pool),
    progress,
    gather,
    work: () => {
      const work = { concurrency: 1, removeOutput: (uri: string) => store.clear(uri) };
      workOnSpans({ dependencies, jobs }, work);
      jobs.work(shardJob, work, (job) => writeShard(dependencies, live, job));
      jobs.work(liveSpanJob, work, (job) => writeLiveSpan(dependencies, live, gather.all.bind(gather), job));
      jobs.work(removeSpanJob, { concurrency: 1 }, (job) => removeSpan(store, job));
      jobs.work(sweepImagesJob, { concurrency: 1 }, (job) =>
        sweepImages({ dependencies, jobs, marks: imageMarks, sweeps }, job),
      );
    },
    ingest: (taskYaml, dataUri, signal = new AbortController().signal) =>
      askForSpan(
        { ...dependencies, jobs, watchers, stopping: stopping.signal },
        { taskYaml, dataUri },
        () => undefined,
        signal,
      ),
    close: async () => {
      stopping.abort();
      await jobs.close();
      await bus.close();
      await metadata.close();
      await closePool(pool);
    },
  };
}

/** Every span.ready of a database, as it comes. */
export async function heardReady(bus: EventBus): Promise<readonly events.SpanReady[]> {
  const ready: events.SpanReady[] = [];
  await bus.subscribe(topics.spanReady, { group: 'test' }, (batch) => {
    ready.push(...batch.map(({ event }) => event));
    return Promise.resolve();
  });
  return ready;
}
