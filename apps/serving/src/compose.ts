import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { openPlatform } from '@adstocrat/adapters';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import type { Resource } from '@adstocrat/service-kit';
import { GrpcServer, grpcOptions } from '@adstocrat/service-kit/grpc';
import { RestServer } from '@adstocrat/service-kit/rest';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { Config } from './config.ts';
import { modelRoutes } from './grpc/model-routes.ts';
import { predictionRoutes } from './grpc/prediction-routes.ts';
import { PredictionLog } from './log/prediction-log.ts';
import { followDeployments } from './models/follow-deployments.ts';
import { LoadedDeployments } from './models/loaded-deployments.ts';
import { ModelTable } from './models/model-table.ts';
import { Predictor } from './predict/predictor.ts';
import { bodyLimit, endpoints, servingRest } from './rest/serving-rest.ts';

/**
 * The only place of serving that names an adapter. Returns what to run, in starting order. Serving needs neither database nor
 * bus to answer: it starts and stays healthy without them.
 */
export async function compose(config: Config, logger: Logger, signal: AbortSignal): Promise<readonly Resource[]> {
  const { HOST: host, WORK_DIR: workDir } = config;
  const platform = await openPlatform('serving', config, logger, signal);
  const { bus, metadata, store } = platform;
  const models = new ModelTable();
  const deployments = new LoadedDeployments({ models, store, workDir, logger });
  const log = new PredictionLog({
    mode: config.PREDICTION_LOG,
    workDir,
    maxBytes: config.PREDICTION_LOG_MAX_BYTES,
    maxAgeMs: config.PREDICTION_LOG_MAX_AGE,
    whenFull: config.PREDICTION_LOG_WHEN_FULL,
    drainMs: config.PREDICTION_LOG_DRAIN_MS,
    bus,
    clock: platform.clock,
    logger,
  });
  const predictor = new Predictor(models, log);
  const server = new GrpcServer({
    ...grpcOptions(config),
    logger,
    maxRequestBytes: bodyLimit,
    health: () => Promise.resolve({ 'prediction log': log.writable }),
  });
  server.addService<UntypedServiceImplementation>(tfs.PredictionServiceService, predictionRoutes(predictor, logger), {
    open: true,
  });
  server.addService<UntypedServiceImplementation>(tfs.ModelServiceService, modelRoutes(models, logger), { open: true });
  return [
    ...platform.withoutWaiting,
    log,
    followDeployments({ deployments, metadata, bus, logger, group: groupOf(workDir) }),
    // The servers stop first: calls in progress end, then their rows are logged.
    new RestServer({
      host,
      port: config.REST_PORT,
      logger,
      bodyLimit,
      endpoints,
      routes: servingRest(predictor, models),
    }),
    server,
  ];
}

/** Every server hears every change, and a server that is started again is the same consumer: one group for each work folder. */
function groupOf(workDir: string): string {
  return `serving-${hostname()}-${createHash('sha256').update(workDir).digest('hex').slice(0, 8)}`;
}
