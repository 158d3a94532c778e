import { ownsArtifacts } from '@adstocrat/artifact-folders';
import { storeAnswers } from '@adstocrat/artifact-store';
import { exampleEngines, jobsResource, openArtifactStore, openJobs, openPlatform } from '@adstocrat/adapters';
import { descriptors, ingestion } from '@adstocrat/schemas';
import { closePool, databaseAnswers, openPool } from '@adstocrat/postgres-client';
import { PersonalKeys, type Resource, scratchOf, waitFor } from '@adstocrat/service-kit';
import { GrpcServer, grpcOptions } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { askForSpan } from './batch/ask-for-span.ts';
import { workOnSpans } from './batch/work-on-spans.ts';
import { Watchers } from './batch/watchers.ts';
import { cleanSpans } from './clean/clean-spans.ts';
import { removeSpan, removeSpanJob } from './clean/remove-span-job.ts';
import type { Config } from './config.ts';
import { HeldFiles } from './data/held-files.ts';
import { inferTask } from './data/infer-task.ts';
import type { IngestDependencies } from './ingest-dependencies.ts';
import { forget } from './forget/forget.ts';
import { ingestionRoutes } from './grpc/ingestion-routes.ts';
import { cleanImages } from './images/clean-images.ts';
import { ImageMarks } from './images/image-marks.ts';
import { ImageSweeps } from './images/image-sweeps.ts';
import { sweepImages } from './images/sweep-images.ts';
import { sweepImagesJob } from './images/sweep-images-job.ts';
import { GatherShards } from './live/gather-shards.ts';
import { IntakeProgress } from './live/intake-progress.ts';
import { LiveIntake } from './live/live-intake.ts';
import { LiveRows } from './live/live-rows.ts';
import { LiveSubscriptions } from './live/live-subscriptions.ts';
import { migrateLiveTables } from './live/live-tables.ts';
import { LiveUpkeep } from './live/live-upkeep.ts';
import { liveSpanJob, writeLiveSpan } from './live/write-live-span.ts';
import { shardJob, writeShard } from './live/write-shard.ts';

/** The only place of ingestion that names an adapter. Returns what to run, in starting order. */
export async function compose(config: Config, logger: Logger, signal: AbortSignal): Promise<readonly Resource[]> {
  const workDir = scratchOf(config.WORK_DIR);
  const { LIVE_KEEP_HOURS: keepHours, LIVE_KEYS_HOURS: keysHours, ARTIFACTS_URL: artifactsUrl } = config;
  const { SHARD_BYTES: shardBytes } = config;
  const platform = await openPlatform('ingestion', config, logger, signal);
  const { bus, metadata, store, clock, health, entrance } = platform;
  const pool = openPool(config.DATABASE_URL, { name: 'ingestion' });
  const jobs = await openJobs(config.DATABASE_URL, { logger, workDir: config.WORK_DIR });
  const openSession = exampleEngines(config.EXAMPLE_ENGINE_URL);
  const openEngine: IngestDependencies['openEngine'] = (options) =>
    openSession({ ...options, unpackRatio: config.UNPACK_RATIO });
  const opening = { openStore: openArtifactStore, openEngine };
  const held = new HeldFiles(workDir);
  const personalKeys = PersonalKeys.from(config);
  const [imageMarks, sweeps] = [new ImageMarks(pool), new ImageSweeps(pool)];
  const places = { metadata, store, artifactsUrl, workDir };
  const dependencies = { ...places, imageMarks, held, personalKeys, shardBytes, logger, ...opening };
  const [live, progress, watchers] = [new LiveRows(pool), new IntakeProgress(pool), new Watchers(pool)];
  const gather = new GatherShards({ live, progress, bus, jobs, logger });
  const dependenciesAnswer = (): Promise<boolean> => databaseAnswers(pool);
  const work = { dependenciesAnswer, removeOutput: (uri: string) => store.clear(uri) };
  const asking = { ...opening, metadata, personalKeys, jobs, watchers, stopping: signal };
  const server = new GrpcServer({ ...grpcOptions(config), entrance, logger, health, descriptors: descriptors() });
  const actions = {
    ingest: askForSpan.bind(undefined, asking),
    infer: inferTask.bind(undefined, dependencies),
    forget: forget.bind(undefined, { ...dependencies, pool, bus, jobs, live, sweeps }),
    clean: cleanSpans.bind(undefined, { metadata, store, jobs, sweeps, logger }),
    cleanImages: cleanImages.bind(undefined, { dependencies, jobs, marks: imageMarks, sweeps }),
  };
  server.addService(ingestion.IngestionServiceService, ingestionRoutes(actions, metadata, logger));
  return [
    ...platform.resources,
    {
      name: 'tables of ingestion',
      start: () => waitFor('database', () => migrateLiveTables(pool), { logger, signal }),
      stop: () => closePool(pool),
    },
    {
      name: 'owner of the artifacts',
      start: async () => {
        // The first that keeps artifacts there has them; whoever else does may not remove what it knows no use of.
        const isOwn = await ownsArtifacts(store, artifactsUrl, await metadata.installation()).catch(() => true);
        if (!isOwn) logger.warn({ artifactsUrl }, 'these artifacts belong to another installation: clean there');
      },
      stop: () => Promise.resolve(),
    },
    // Stopped before the tables are gone: what is in progress goes back.
    jobsResource(jobs, bus, { logger, signal }),
    {
      name: 'work',
      start: () => {
        workOnSpans({ dependencies, jobs }, { concurrency: 2, ...work });
        jobs.work(shardJob, { concurrency: 1, ...work }, (job) => writeShard(dependencies, live, job));
        jobs.work(liveSpanJob, { concurrency: 1, ...work }, (job) =>
          writeLiveSpan(dependencies, live, gather.all.bind(gather), job),
        );
        const removing = {
          concurrency: 1,
          dependenciesAnswer: async () => (await dependenciesAnswer()) && storeAnswers(store, artifactsUrl),
        };
        jobs.work(removeSpanJob, removing, (job) => removeSpan(store, job));
        jobs.work(sweepImagesJob, removing, (job) =>
          sweepImages({ dependencies, jobs, marks: imageMarks, sweeps }, job),
        );
        return Promise.resolve();
      },
      stop: () => Promise.resolve(),
    },
    new LiveSubscriptions({ bus, jobs, intake: new LiveIntake(pool), progress, dependenciesAnswer }),
    new LiveUpkeep({ ...dependencies, pool, live, progress, gather, bus, clock, keepHours, keysHours }),
    // The server stops first, so no request meets a bus that is already gone.
    server,
  ];
}
