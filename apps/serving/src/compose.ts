import cluster from 'node:cluster';
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { openArtifactStore, openPlatform, type Platform } from '@adstocrat/adapters';
import { callScopes, descriptors, tensorflowServing as tfs } from '@adstocrat/schemas';
import { clockFrom, Entrance, LoadShedder, PersonalKeys, PredictionKeys, type Resource } from '@adstocrat/service-kit';
import { GrpcServer, grpcOptions } from '@adstocrat/service-kit/grpc';
import { allowOrigins, RestServer } from '@adstocrat/service-kit/rest';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { batchesAlone, batchesOfServer } from './batches/compose-batches.ts';
import { batchRoutes } from './batches/grpc-routes.ts';
import { guardedBatchService } from './batches/message-guard.ts';
import { batchRest } from './batches/rest-routes.ts';
import { ClickScores } from './click/click-scores.ts';
import { clickRoutes } from './click/grpc-routes.ts';
import { guardedClickService } from './click/message-guard.ts';
import { PredictionTokens } from './click/prediction-tokens.ts';
import { clickRest } from './click/rest-routes.ts';
import { type Config, hasRegistry } from './config.ts';
import { demoPage } from './demo-page/routes.ts';
import { Readiness } from './health/readiness.ts';
import type { InferenceLimits } from './infer/admit.ts';
import { InferenceService } from './infer/inference-service.ts';
import { predictionIdKey, predictionLogKey } from './infer/names.ts';
import { TensorService } from './infer/tensors/tensor-service.ts';
import { LeftRows } from './log/left-rows.ts';
import { PredictionLog } from './log/prediction-log.ts';
import { FolderModels } from './models/folders/folder-models.ts';
import { ModelPlaces } from './models/folders/model-places.ts';
import { followDeployments } from './models/follow-deployments.ts';
import { LoadedDeployments } from './models/loaded-deployments.ts';
import { LoadingThread } from './models/loading/loading-thread.ts';
import type { ModelSource } from './models/model-source.ts';
import { ModelTable } from './models/model-table.ts';
import { ReloadModels } from './models/folders/reload-models.ts';
import { guardedService } from './open-inference/message-guard.ts';
import { openApiRoutes } from './openapi/routes.ts';
import { openInferenceRoutes } from './open-inference/grpc-routes.ts';
import { ModelStatistics, sumOfStatistics } from './open-inference/model-statistics.ts';
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
 * The only place of serving that names an adapter, with `compose-batches.ts` and `models/loading/loading-worker.ts`. Returns what to run,
 * in starting order. Serving needs neither database nor bus to answer: it starts and stays healthy without them. With
 * `SERVING_PROCESSES` it is the supervisor of that many, with `BATCHES=alone` it works on batches and answers nobody.
 */
export async function compose(config: Config, logger: Logger, signal: AbortSignal): Promise<readonly Resource[]> {
  const { HOST: host, WORK_DIR: workDir } = config;
  const count = config.SERVING_PROCESSES;
  if (count > 0 && cluster.isPrimary && config.BATCHES !== 'alone')
    return [new Supervisor({ workDir, count, graceMs: config.SHUTDOWN_GRACE_MS, logger })];
  const statistics = new ModelStatistics();
  const link: SupervisorLink = new SupervisorLink(workDir, {
    ready: () => readiness.ready,
    statistics: () => statistics.entries(),
    load: (model, givenUp) => anyOf(sources, async ({ source }) => !givenUp.aborted && source.restore(model)),
    unload: (model) => anyOf(sources, ({ source }) => source.withdraw(model)),
    keepOut: async (model) => {
      for (const { source } of sources) source.keepOut([model]);
      await anyOf(sources, ({ source }) => source.withdraw(model));
      return true;
    },
  });
  const neighbours = (): readonly string[] => neighbourFolders(workDir, link.supervised);
  const registered = hasRegistry(config)
    ? { config, platform: await openPlatform('serving', config, logger, signal) }
    : undefined;
  const platform = registered?.platform ?? alone(config, logger);
  const { bus, entrance } = platform;
  const personalKeys = PersonalKeys.from(config);
  if (config.BATCHES === 'alone' && registered !== undefined)
    return batchesAlone(registered.config, logger, registered.platform, {
      signal,
      limits: limitsOf(config),
      personalKeys,
    });
  const models = new ModelTable();
  const loading = { models, workDir, neighbours, personalKeys, logger, thread: new LoadingThread() };
  const bounds = { maxBytes: config.PREDICTION_LOG_MAX_BYTES, maxAgeMs: config.PREDICTION_LOG_MAX_AGE };
  const log = new PredictionLog({
    mode: config.PREDICTION_LOG,
    workDir,
    ...bounds,
    whenFull: config.PREDICTION_LOG_WHEN_FULL,
    drainMs: config.PREDICTION_LOG_DRAIN_MS,
    ...(bus && { bus }),
    clock: platform.clock,
    logger,
  });
  const targetMs = config.TARGET_P99_MS ?? Infinity;
  const shedder = new LoadShedder(targetMs);
  const limits = limitsOf(config);
  const callerPixels = config.CALLER_MAX_PIXELS ?? 4 * config.MAX_REQUEST_PIXELS;
  const service = new InferenceService({ models, log, personalKeys, limits, callerPixels });
  const tensors = new TensorService({ models, limits, targetMs });
  const tokens = new PredictionTokens(PredictionKeys.from(config), platform.clock, config.PREDICTION_TOKEN_LIFE);
  const clicks = new ClickScores(service, tokens);
  const batches = registered && (await batchesOfServer(registered.config, logger, registered.platform, service));
  const registry = registryOf(platform, loading);
  const folders = foldersOf(config, loading);
  const sources: readonly FollowedSource[] = [registry, folders].filter((source) => source !== undefined);
  for (const { source } of sources) source.keepOut(config.UNLOADED_MODELS);
  const readiness: Readiness = new Readiness({
    models,
    deploymentsKnown: () => sources.every(({ follower }) => follower.known),
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
  const served = new ServedModels(service, tensors, models);
  server.addService(tfs.PredictionServiceService, predictionRoutes(served, logger));
  server.addService(
    tfs.ModelServiceService,
    modelRoutes({ models, folders: folders?.reload, supervised: () => link.supervised, logger }),
  );
  const openInference = {
    service,
    tensors,
    models,
    statistics,
    allStatistics: async () => sumOfStatistics(await link.askAll<'statistics'>({ about: 'statistics' })),
    views: new ModelViews({ models, service }),
    control: new RepositoryControl((about, model, deadlineMs = Infinity) =>
      link.askAll<typeof about>({ about, model }, deadlineMs - Date.now()),
    ),
    ready: () => readiness.ready,
    logger,
  };
  server.addService<UntypedServiceImplementation>(guardedService(service.limits), openInferenceRoutes(openInference));
  server.addService<UntypedServiceImplementation>(guardedClickService(service.limits), clickRoutes(clicks, logger));
  if (batches !== undefined)
    server.addService<UntypedServiceImplementation>(guardedBatchService(service.limits), batchRoutes(batches, logger));
  return [
    ...platform.withoutWaiting,
    ...(batches?.resources ?? []),
    log,
    ...(bus === undefined ? [] : [new LeftRows({ neighbours, ...bounds, bus, logger })]),
    ...sources.map(({ follower }) => follower),
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
        clickRest(clicks, config.MAX_REQUEST_BYTES)(app);
        if (batches !== undefined) batchRest(batches, config.MAX_REQUEST_BYTES)(app);
        openApiRoutes(app);
        if (config.DEMO_PAGE !== undefined) demoPage(config.DEMO_PAGE)(app);
      },
    }),
    server,
    // Said before anything closes.
    readiness,
    link,
  ];
}

async function anyOf<T>(all: readonly T[], does: (one: T) => Promise<boolean>): Promise<boolean> {
  for (const one of all) if (await does(one)) return true;
  return false;
}

/** Where models come from, with what follows it. */
interface FollowedSource {
  readonly source: ModelSource;
  readonly follower: Resource & { readonly known: boolean };
}

type Loading = ConstructorParameters<typeof LoadedDeployments>[0];

/** What a server stands on that follows no registry. */
function alone(
  config: Config,
  logger: Logger,
): Pick<Platform, 'entrance' | 'clock' | 'withoutWaiting'> & Partial<Platform> {
  const entrance = new Entrance(config, callScopes, logger);
  return { entrance, clock: clockFrom(config), withoutWaiting: [entrance] };
}

function registryOf(
  { bus, metadata }: Partial<Pick<Platform, 'bus' | 'metadata'>>,
  loading: Loading,
): FollowedSource | undefined {
  if (bus === undefined || metadata === undefined) return undefined;
  const { workDir, logger } = loading;
  const source = new LoadedDeployments(loading);
  const follower = followDeployments({ deployments: source, metadata, bus, logger, group: groupOf(workDir) });
  return { source, follower };
}

function foldersOf(config: Config, loading: Loading): (FollowedSource & { readonly reload: ReloadModels }) | undefined {
  const { MODEL_FOLDERS: roots, MODEL_CONFIG_FILE: configFile, MODEL_ROOTS: allowed } = config;
  if (roots.length === 0 && configFile === undefined && allowed === undefined) return undefined;
  const places = new ModelPlaces({
    roots,
    ...(configFile === undefined ? {} : { configFile }),
    ...(allowed === undefined ? {} : { allowed }),
    policy: config.MODEL_VERSION_POLICY,
    openStore: openArtifactStore,
  });
  const source = new FolderModels({ ...loading, places, pollMs: config.MODEL_POLL_MS });
  return { source, follower: source, reload: new ReloadModels({ places, folders: source, models: loading.models }) };
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
