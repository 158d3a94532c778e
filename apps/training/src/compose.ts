import { openArtifactStore, openEventBus, openMetadata } from '@adstocrat/adapters';
import type { Subscription } from '@adstocrat/event-bus';
import { topics, training } from '@adstocrat/schemas';
import { healthOf, type Resource, waitFor } from '@adstocrat/service-kit';
import { GrpcServer } from '@adstocrat/service-kit/grpc';
import { injectTraceContext, type Logger, withTraceContext } from '@adstocrat/service-kit/telemetry';
import type { Config } from './config.ts';
import { trainingRoutes } from './grpc/training-routes.ts';
import { RunLoop } from './run/run-loop.ts';

/** The only place of training that names an adapter. Returns what to run, in starting order. */
export async function compose(config: Config, logger: Logger, signal: AbortSignal): Promise<readonly Resource[]> {
  const bus = await openEventBus(config.EVENT_BUS_URL, {
    client: 'training',
    traceHeaders: () => injectTraceContext(),
  });
  const metadata = await openMetadata(config.DATABASE_URL);
  const store = await openArtifactStore(config.ARTIFACTS_URL);
  const runs = new RunLoop({
    metadata,
    bus,
    store,
    logger,
    artifactsUrl: config.ARTIFACTS_URL,
    workDir: config.WORK_DIR,
  });
  const server = new GrpcServer({
    host: config.HOST,
    port: config.GRPC_PORT,
    logger,
    health: healthOf({ database: () => metadata.ping(), 'event bus': () => bus.ping() }),
  });
  server.addService(training.TrainingServiceService, trainingRoutes(metadata, runs, logger, signal));
  let subscription: Subscription | undefined;
  return [
    {
      name: 'metadata',
      start: () => waitFor('database', () => metadata.migrate(), { logger, signal }),
      stop: () => metadata.close(),
    },
    {
      name: 'event bus',
      start: () => waitFor('event bus', () => bus.ping(), { logger, signal }),
      stop: () => bus.close(),
    },
    { name: 'runs', start: () => runs.start(), stop: () => runs.stop() },
    {
      name: 'span.ready',
      start: async () => {
        subscription = await bus.subscribe(topics.spanReady, { group: 'training' }, async (batch) => {
          for (const { event, headers } of batch)
            await withTraceContext('train on span', headers, async () => {
              const run = await runs.request(event.task, event.span, event.retrainId);
              logger.info({ task: event.task, span: event.span, run }, 'run requested');
            });
        });
      },
      stop: async () => subscription?.close(),
    },
    server,
  ];
}
