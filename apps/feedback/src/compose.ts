import { openArtifactStore, openEventBus, openMetadata } from '@adstocrat/adapters';
import type { EventHandler, Subscription, Topic } from '@adstocrat/event-bus';
import { feedback, topics } from '@adstocrat/schemas';
import { healthOf, type Resource, waitFor } from '@adstocrat/service-kit';
import { GrpcServer } from '@adstocrat/service-kit/grpc';
import { RestServer } from '@adstocrat/service-kit/rest';
import { injectTraceContext, type Logger } from '@adstocrat/service-kit/telemetry';
import type { Config } from './config.ts';
import { feedbackLoop } from './feedback-loop.ts';
import { feedbackRoutes } from './grpc/feedback-routes.ts';
import { acceptClicks, acceptImpressions, acceptPredictions, type Opens } from './join/accept-events.ts';
import { LookAtModel } from './look-at-model.ts';
import { postJson } from './monitor/webhook.ts';
import { bodyLimit, endpoints, feedbackRest } from './rest/feedback-rest.ts';
import { openPool } from './store/open-pool.ts';
import { migrate } from './store/tables.ts';

/** The only place of feedback that names an adapter. Returns what to run, in starting order. */
export async function compose(config: Config, logger: Logger, signal: AbortSignal): Promise<readonly Resource[]> {
  const { HOST: host, WORK_DIR: workDir, ALERT_WEBHOOK_URL: webhookUrl } = config;
  const bus = await openEventBus(config.EVENT_BUS_URL, {
    client: 'feedback',
    traceHeaders: () => injectTraceContext(),
  });
  const metadata = await openMetadata(config.DATABASE_URL);
  const store = await openArtifactStore(config.ARTIFACTS_URL);
  const pool = openPool(config.DATABASE_URL);
  const models = new LookAtModel({
    pool,
    bus,
    metadata,
    store,
    workDir,
    logger,
    nowMs: () => Date.now(),
    clockSpeed: config.CLOCK_SPEED,
    latenessMs: config.LATENESS_MS,
  });
  const server = new GrpcServer({
    host,
    port: config.GRPC_PORT,
    logger,
    health: healthOf({ database: () => pool.query('SELECT 1'), 'event bus': () => bus.ping() }),
  });
  server.addService(feedback.FeedbackServiceService, feedbackRoutes(pool, logger, signal));
  const subscribed = <T>(topic: Topic<T>, handler: EventHandler<T>): Resource => {
    let subscription: Subscription | undefined;
    return {
      name: topic.name,
      start: async () => {
        subscription = await bus.subscribe(topic, { group: 'feedback', maxBatch: 1000 }, handler);
      },
      stop: async () => subscription?.close(),
    };
  };
  return [
    {
      name: 'database',
      start: () => waitFor('database', () => metadata.migrate().then(() => migrate(pool)), { logger, signal }),
      stop: async () => {
        await pool.end();
        await metadata.close();
      },
    },
    {
      name: 'event bus',
      start: () => waitFor('event bus', () => bus.ping(), { logger, signal }),
      stop: () => bus.close(),
    },
    subscribed(topics.predictionMade, async (batch) => {
      const opens = new Map<string, Opens>();
      for (const { event } of batch)
        if (!opens.has(event.model))
          opens.set(event.model, (await models.task(event.model))?.impressions ?? 'prediction');
      await acceptPredictions(
        pool,
        batch.map(({ event }) => event),
        (model) => opens.get(model) ?? 'prediction',
      );
    }),
    subscribed(topics.clickSeen, (batch) =>
      acceptClicks(
        pool,
        batch.map(({ event }) => event),
      ),
    ),
    subscribed(topics.impressionSeen, (batch) =>
      acceptImpressions(
        pool,
        batch.map(({ event }) => event),
      ),
    ),
    feedbackLoop({
      pool,
      bus,
      models,
      logger,
      ...(webhookUrl === undefined ? {} : { webhook: postJson(webhookUrl, logger) }),
    }),
    new RestServer({ host, port: config.REST_PORT, logger, bodyLimit, endpoints, routes: feedbackRest(pool, bus) }),
    server,
  ];
}
