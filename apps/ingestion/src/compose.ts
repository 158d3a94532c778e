import { openPlatform } from '@adstocrat/adapters';
import type { Subscription } from '@adstocrat/event-bus';
import { ingestion, topics } from '@adstocrat/schemas';
import { type Resource, scratchOf, waitFor } from '@adstocrat/service-kit';
import { GrpcServer, grpcOptions } from '@adstocrat/service-kit/grpc';
import { type Logger, withTraceContext } from '@adstocrat/service-kit/telemetry';
import type { Config } from './config.ts';
import { inferTask } from './data/infer-task.ts';
import { ingestionRoutes } from './grpc/ingestion-routes.ts';
import { ingestSpan } from './ingest-span.ts';
import { LiveExamples } from './live/live-examples.ts';
import { writeLiveSpan } from './live/write-live-span.ts';

/** The only place of ingestion that names an adapter. Returns what to run, in starting order. */
export async function compose(config: Config, logger: Logger, signal: AbortSignal): Promise<readonly Resource[]> {
  const workDir = scratchOf(config.WORK_DIR);
  const platform = await openPlatform('ingestion', config, logger, signal);
  const { bus, metadata, store: artifacts, health } = platform;
  const dependencies = {
    metadata,
    artifacts,
    artifactsUrl: config.ARTIFACTS_URL,
    bus,
    workDir,
    logger,
  };
  const live = new LiveExamples(config.DATABASE_URL);
  const subscriptions: Subscription[] = [];
  const server = new GrpcServer({ ...grpcOptions(config), logger, health });
  const actions = {
    ingest: ingestSpan.bind(undefined, dependencies),
    infer: (request: Parameters<typeof inferTask>[0]) => inferTask(request, workDir),
  };
  server.addService(ingestion.IngestionServiceService, ingestionRoutes(actions, metadata, logger));
  return [
    ...platform.resources,
    {
      name: 'tables of live examples',
      start: () => waitFor('database', () => live.migrate(), { logger, signal }),
      stop: () => live.close(),
    },
    {
      name: 'live examples',
      start: async () => {
        const group = 'ingestion';
        subscriptions.push(
          await bus.subscribe(topics.exampleLabelled, { group, maxBatch: 1000 }, (batch) =>
            live.add(batch.map(({ event }) => event)),
          ),
          await bus.subscribe(topics.retrainRequested, { group }, async (batch) => {
            for (const { event, headers } of batch)
              await withTraceContext('write live span', headers, () => writeLiveSpan(dependencies, live, event));
          }),
        );
      },
      stop: async () => {
        for (const subscription of subscriptions) await subscription.close();
      },
    },
    // The server stops first, so no request meets a bus that is already gone.
    server,
  ];
}
