import { openPlatform } from '@adstocrat/adapters';
import type { EventHandler, Subscription, Topic } from '@adstocrat/event-bus';
import { feedback, topics } from '@adstocrat/schemas';
import { type Resource, scratchOf, waitFor } from '@adstocrat/service-kit';
import { GrpcServer, grpcOptions } from '@adstocrat/service-kit/grpc';
import { RestServer } from '@adstocrat/service-kit/rest';
import type { Logger } from '@adstocrat/service-kit/telemetry';
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
  const workDir = scratchOf(config.WORK_DIR);
  const { HOST: host, ALERT_WEBHOOK_URL: webhookUrl } = config;
  const platform = await openPlatform('feedback', config, logger, signal);
  const { bus, metadata, store, health } = platform;
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
  const server = new GrpcServer({ ...grpcOptions(config), logger, health });
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
    ...platform.resources,
    {
      name: 'tables of the join',
      start: () => waitFor('database', () => migrate(pool), { logger, signal }),
      stop: () => pool.end(),
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
