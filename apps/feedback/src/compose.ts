import { openPlatform } from '@adstocrat/adapters';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { sliceLengthMs } from '@adstocrat/monitors';
import { descriptors, feedback } from '@adstocrat/schemas';
import { PredictionKeys, type Resource, scratchOf, waitFor } from '@adstocrat/service-kit';
import { GrpcServer, grpcOptions } from '@adstocrat/service-kit/grpc';
import { RestServer } from '@adstocrat/service-kit/rest';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { Config } from './config.ts';
import { feedbackDuties } from './duties/duties.ts';
import { defaultWindowMs, type Feedback } from './duties/feedback.ts';
import { subscriptions } from './facts/subscriptions.ts';
import { feedbackRoutes } from './grpc/feedback-routes.ts';
import { Monitors } from './grpc/monitors-of.ts';
import { Webhook } from './monitor/webhook.ts';
import { bodyLimit, endpoints, feedbackRest } from './rest/feedback-rest.ts';
import { Slices } from './store/slices.ts';
import { migrate } from './store/tables.ts';
import { Tasks } from './tasks.ts';
import { expectPartitions } from './watermark/progress.ts';

/** Connections: batches of several partitions are taken in while windows close. */
const poolSize = 10;

/** The only place of feedback that names an adapter. Returns what to run, in starting order. */
export async function compose(config: Config, logger: Logger, signal: AbortSignal): Promise<readonly Resource[]> {
  const { HOST: host, REST_PORT: port, ALERT_WEBHOOK_URL: webhookUrl, FEEDBACK_ORIGINS: origins } = config;
  const platform = await openPlatform('feedback', config, logger, signal);
  const { bus, metadata, store, clock, health, entrance } = platform;
  const pool = openPool(config.DATABASE_URL, { max: poolSize, name: 'feedback' });
  const tasks = new Tasks(metadata, clock, config.GRACE_MS);
  const webhook = webhookUrl === undefined ? undefined : new Webhook(webhookUrl, logger);
  const parts: Feedback = {
    pool,
    bus,
    metadata,
    store,
    clock,
    tasks,
    slices: new Slices(pool, sliceLengthMs(defaultWindowMs, clock.speed)),
    serverMs: (appendedMs) => Math.floor(clock.at(appendedMs)),
    workDir: scratchOf(config.WORK_DIR),
    webhook,
    logger,
  };
  const monitors = new Monitors(pool, tasks, clock);
  const server = new GrpcServer({ ...grpcOptions(config), entrance, logger, health, descriptors: descriptors() });
  server.addService(
    feedback.FeedbackServiceService,
    feedbackRoutes({ pool, bus, tasks, monitors, clock, logger, stopping: signal }),
  );
  const waiting = { logger, signal };
  return [
    ...platform.resources,
    {
      name: 'tables of the join',
      start: async () => {
        await waitFor('database', () => migrate(pool), waiting);
        await waitFor('event bus', () => expectPartitions(pool, bus), waiting);
      },
      stop: () => closePool(pool),
    },
    subscriptions(parts),
    ...feedbackDuties(parts),
    { name: 'webhook', start: () => Promise.resolve(), stop: async () => webhook?.close() },
    new RestServer({
      host,
      port,
      entrance,
      logger,
      bodyLimit,
      endpoints,
      routes: feedbackRest({ bus, monitors, origins, keys: PredictionKeys.from(config), clock }),
    }),
    server,
  ];
}
