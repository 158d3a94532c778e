import { jobsResource, openJobs, openPlatform } from '@adstocrat/adapters';
import type { Subscription } from '@adstocrat/event-bus';
import type { JobWorker } from '@adstocrat/jobs';
import { descriptors, topics, training } from '@adstocrat/schemas';
import { type Resource, scratchOf } from '@adstocrat/service-kit';
import { GrpcServer, grpcOptions } from '@adstocrat/service-kit/grpc';
import { type Logger, withTraceContext } from '@adstocrat/service-kit/telemetry';
import { checkpointSweeper } from './checkpoint/checkpoint-sweeper.ts';
import type { Config } from './config.ts';
import { trainingRoutes } from './grpc/training-routes.ts';
import { doRun } from './run/do-run.ts';
import { Runs } from './run/runs.ts';
import { runOf, trainJob } from './run/train-job.ts';
import { trainServable } from './run/train-servable.ts';
import { Studies } from './tune/studies.ts';
import { studyTrials } from './tune/study-trials.ts';

/** The only place of training that names an adapter. Returns what to run, in starting order. */
export async function compose(config: Config, logger: Logger, signal: AbortSignal): Promise<readonly Resource[]> {
  const platform = await openPlatform('training', config, logger, signal);
  const { bus, metadata, store, health, entrance } = platform;
  const jobs = await openJobs(config.DATABASE_URL, { logger, workDir: config.WORK_DIR });
  const runs = new Runs(metadata, jobs);
  const server = new GrpcServer({ ...grpcOptions(config), entrance, logger, health, descriptors: descriptors() });
  const studies = new Studies(metadata, jobs);
  const routes = trainingRoutes(metadata, { runs, studies }, logger, signal);
  server.addService(training.TrainingServiceService, routes);
  const dependenciesAnswer = (): Promise<boolean> => metadata.ping().then(() => true);
  let subscription: Subscription | undefined;
  let worker: JobWorker | undefined;
  return [
    ...platform.resources,
    jobsResource(jobs, bus, { logger, signal }),
    checkpointSweeper(store, config.ARTIFACTS_URL, jobs, logger),
    {
      name: 'runs',
      start: () => {
        const options = {
          metadata,
          store,
          logger,
          artifactsUrl: config.ARTIFACTS_URL,
          checkpointEveryMs: config.CHECKPOINT_EVERY_MS,
          train: trainServable,
        };
        worker = jobs.work(
          trainJob,
          {
            concurrency: 1,
            dependenciesAnswer,
            removeOutput: (uri) => store.clear(uri),
            onFailed: ({ key, payload, reason }, transaction) =>
              metadata.putRun({ ...runOf(key, payload), state: 'failed', reason, metrics: {} }, transaction),
          },
          (job) => doRun(job, { ...options, workDir: scratchOf(config.WORK_DIR) }),
        );
        return Promise.resolve();
      },
      stop: async () => worker?.stop(),
    },
    studyTrials({
      metadata,
      jobs,
      store,
      logger,
      artifactsUrl: config.ARTIFACTS_URL,
      workDir: scratchOf(config.WORK_DIR),
    }),
    {
      name: 'span.ready',
      start: async () => {
        subscription = await bus.subscribe(
          topics.spanReady,
          { group: 'training', dependenciesAnswer },
          async (batch) => {
            for (const { id, event, headers } of batch)
              await withTraceContext('train on span', headers, async () => {
                const run = await runs.request(event.task, event.span, id, { retrainId: event.retrainId });
                logger.info({ task: event.task, span: event.span, run }, 'run requested');
              });
          },
        );
      },
      stop: async () => subscription?.close(),
    },
    server,
  ];
}
