import { openPlatform } from '@adstocrat/adapters';
import type { Subscription } from '@adstocrat/event-bus';
import { topics, training } from '@adstocrat/schemas';
import { type Resource, scratchOf } from '@adstocrat/service-kit';
import { GrpcServer, grpcOptions } from '@adstocrat/service-kit/grpc';
import { type Logger, withTraceContext } from '@adstocrat/service-kit/telemetry';
import type { Config } from './config.ts';
import { trainingRoutes } from './grpc/training-routes.ts';
import { RunLoop } from './run/run-loop.ts';

/** The only place of training that names an adapter. Returns what to run, in starting order. */
export async function compose(config: Config, logger: Logger, signal: AbortSignal): Promise<readonly Resource[]> {
  const platform = await openPlatform('training', config, logger, signal);
  const { bus, metadata, store, health } = platform;
  const runs = new RunLoop({
    metadata,
    bus,
    store,
    logger,
    artifactsUrl: config.ARTIFACTS_URL,
    workDir: scratchOf(config.WORK_DIR),
  });
  const server = new GrpcServer({ ...grpcOptions(config), logger, health });
  server.addService(training.TrainingServiceService, trainingRoutes(metadata, runs, logger, signal));
  let subscription: Subscription | undefined;
  return [
    ...platform.resources,
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
