import cluster from 'node:cluster';
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { openPlatform } from '@adstocrat/adapters';
import { descriptors, tensorflowServing as tfs } from '@adstocrat/schemas';
import { LoadShedder, PersonalKeys, type Resource } from '@adstocrat/service-kit';
import { GrpcServer, grpcOptions } from '@adstocrat/service-kit/grpc';
import { allowOrigins, RestServer } from '@adstocrat/service-kit/rest';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { clickRoutes } from './click/grpc-routes.ts';
import { guardedClickService } from './click/message-guard.ts';
import { clickRest } from './click/rest-routes.ts';
import type { Config } from './config.ts';
import { Readiness } from './health/readiness.ts';
import type { InferenceLimits } from './infer/admit.ts';
import { InferenceService } from './infer/inference-service.ts';
import { predictionIdKey, predictionLogKey } from './infer/names.ts';
import { LeftRows } from './log/left-rows.ts';
import { PredictionLog } from './log/prediction-log.ts';
import { followDeployments } from './models/follow-deployments.ts';
import { LoadedDeployments } from './models/loaded-deployments.ts';
import { ModelTable } from './models/model-table.ts';
import { guardedService } from './open-inference/message-guard.ts';
import { openApiRoutes } from './openapi/routes.ts';
import { openInferenceRoutes } from './open-inference/grpc-routes.ts';
import { ModelStatistics } from './open-inference/model-statistics.ts';
import { ModelViews } from './open-inference/model-views.ts';
import { RepositoryControl } from './open-inference/repository-control.ts';
import { openInferenceRest } from './open-inference/rest-routes.ts';
import { neighbourFolders } from './processes/process-folders.ts';
import { Supervisor } from './processes/supervisor.ts';
import { SupervisorLink } from './processes/supervisor-link.ts';
import { metricsRoute } from './rest/metrics-route.ts';
import { modelRoutes } from './tensorflow-serving/model-routes.ts';
import { predictionRoutes } from './tensorflow-serving/prediction-routes.ts';
import { endpoints, restRoutes } from './tensorflow-serving/rest-routes.ts';
import { ServedModels } from './tensorflow-serving/served-models.ts';

/**
 * The only place of serving that names an adapter. Returns what to run, in starting order. Serving needs neither database nor
 * bus to answer: it starts and stays healthy without them. With `SERVING_PROCESSES` it is the supervisor of that many.
 */
export async function compose(config: Config, logger: Logger, signal: AbortSignal): Promise<readonly Resource[]> {
  const { HOST: host, WORK_DIR: workDir } = config;
  const count = config.SERVING_PROCESSES;
  if (count > 0 && cluster.isPrimary)
    return [new Supervisor({ workDir, count, graceMs: config.SHUTDOWN_GRACE_MS, logger })];
  const link: SupervisorLink = new SupervisorLink(workDir, () => readiness.ready);
  const neighbours = (): readonly string[] => neighbourFolders(workDir, link.supervised);
  const platform = await openPlatform('serving', config, logger, signal);
  const { bus, metadata, store, entrance } = platform;
  const personalKeys = PersonalKeys.from(config);
  const models = new ModelTable();
  const deployments = new LoadedDeployments({ models, store, workDir, neighbours, personalKeys, logger });
  const bounds = { maxBytes: config.PREDICTION_LOG_MAX_BYTES, maxAgeMs: config.PREDICTION_LOG_MAX_AGE };
  const log = new PredictionLog({
    mode: config.PREDICTION_LOG,
    workDir,
    ...bounds,
    whenFull: config.PREDICTION_LOG_WHEN_FULL,
    drainMs: config.PREDICTION_LOG_DRAIN_MS,
    bus,
    clock: platform.clock,
    logger,
  });
  const shedder = new LoadShedder(config.TARGET_P99_MS ?? Infinity);
  const service = new InferenceService({ models, log, personalKeys, limits: limitsOf(config) });
  const follower = followDeployments({ deployments, metadata, bus, logger, group: groupOf(workDir) });
  const readiness: Readiness = new Readiness({
    models,
    deploymentsKnown: () => follower.known,
    logWritable: () => log.writable,
    drainMs: config.DRAIN_MS,
    onDrain: () => server.drain(),
    replaced: () => link.replaced,
  });
  const server: GrpcServer = new GrpcServer({
    ...grpcOptions(config),
    entrance,
    shedder,
    logger,
    descriptors: descriptors(),
    maxRequestBytes: config.MAX_REQUEST_BYTES,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    health: () => Promise.resolve(readiness.conditions()),
    services: () => readiness.models(),
    replaced: () => link.replaced,
  });
  const served = new ServedModels(service, models);
  server.addService(tfs.PredictionServiceService, predictionRoutes(served, logger));
  server.addService(tfs.ModelServiceService, modelRoutes(models, logger));
  const openInference = {
    service,
    models,
    statistics: new ModelStatistics(),
    views: new ModelViews({ models, service }),
    control: new RepositoryControl(deployments),
    ready: () => readiness.ready,
    logger,
  };
  server.addService<UntypedServiceImplementation>(guardedService(service.limits), openInferenceRoutes(openInference));
  server.addService<UntypedServiceImplementation>(guardedClickService(service.limits), clickRoutes(service, logger));
  return [
    ...platform.withoutWaiting,
    log,
    new LeftRows({ neighbours, ...bounds, bus, logger }),
    follower,
    // The servers stop first: calls in progress end, then their rows are logged.
    new RestServer({
      host,
      port: config.REST_PORT,
      entrance,
      shedder,
      logger,
      bodyLimit: config.MAX_REQUEST_BYTES,
      requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
      closing: () => readiness.draining,
      endpoints,
      routes: (app) => {
        allowOrigins(app, { origins: config.SERVING_ORIGINS, ...pages });
        metricsRoute(app, () => link.metricsText());
        restRoutes(served, config.MAX_REQUEST_BYTES)(app);
        openInferenceRest(openInference, config.MAX_REQUEST_BYTES)(app);
        clickRest(service, config.MAX_REQUEST_BYTES)(app);
        openApiRoutes(app);
      },
    }),
    server,
    // Said before anything closes.
    readiness,
    link,
  ];
}

/** What a page may send, and read of an answer. */
const pages = {
  variable: 'SERVING_ORIGINS',
  methods: 'GET, HEAD, POST, OPTIONS',
  headers: `authorization, content-type, content-encoding, inference-header-content-length, ${predictionLogKey}`,
  exposed: `${predictionIdKey}, adstocrat-model-version, inference-header-content-length`,
};

function limitsOf(config: Config): InferenceLimits {
  return {
    rows: config.MAX_REQUEST_ROWS,
    values: config.MAX_REQUEST_VALUES,
    bytes: config.MAX_REQUEST_BYTES,
    valueBytes: config.MAX_VALUE_BYTES,
    pixels: config.MAX_REQUEST_PIXELS,
  };
}

/** Every server hears every change, and a server that is started again is the same consumer: one group for each work folder. */
function groupOf(workDir: string): string {
  return `serving-${hostname()}-${createHash('sha256').update(workDir).digest('hex').slice(0, 8)}`;
}
