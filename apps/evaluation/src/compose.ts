import { storeAnswers } from '@adstocrat/artifact-store';
import { jobsResource, openExampleEngine, openJobs, openPlatform } from '@adstocrat/adapters';
import { descriptors, evaluation } from '@adstocrat/schemas';
import { ClientTls, type Resource, scratchOf } from '@adstocrat/service-kit';
import { GrpcServer, grpcOptions } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { candidateWorkers } from './candidate-workers.ts';
import { cleanVersions } from './clean/clean-versions.ts';
import type { Config } from './config.ts';
import { EvaluateVersion } from './evaluation/evaluate-version.ts';
import { JudgeVersion } from './evaluation/judge-version.ts';
import { scorersOf } from './evaluation/open-scorer.ts';
import { followTraining } from './follow-training.ts';
import { evaluationRoutes } from './grpc/evaluation-routes.ts';
import { Deployments } from './rollout/deployments.ts';
import { RollOut } from './rollout/roll-out.ts';
import { ServingInstances } from './rollout/serving-instances.ts';

/** The only place of evaluation that names an adapter. Returns what to run, in starting order. */
export async function compose(config: Config, logger: Logger, signal: AbortSignal): Promise<readonly Resource[]> {
  const { ARTIFACTS_URL: artifactsUrl, DATABASE_URL: databaseUrl } = config;
  const workDir = scratchOf(config.WORK_DIR);
  const platform = await openPlatform('evaluation', config, logger, signal);
  const { bus, metadata, store, health, entrance } = platform;
  const jobs = await openJobs(databaseUrl, { logger, workDir: config.WORK_DIR });
  const nowMs = (): number => Date.now();
  const records = { jobs, metadata, nowMs };
  const registryAnswers = async (): Promise<boolean> =>
    metadata.ping().then(
      () => true,
      () => false,
    );
  const deployments = new Deployments(records);
  const clientTls = new ClientTls(config, logger);
  const serving = new ServingInstances({
    urls: config.SERVING_GRPC_URLS,
    channel: clientTls.grpcCredentials(),
    token: config.SERVICE_TOKEN,
  });
  const evaluator = new EvaluateVersion({
    metadata,
    store,
    artifactsUrl,
    workDir,
    nowMs,
    openScorer: scorersOf(store),
    openEngine: () => openExampleEngine({ workDir }),
  });
  const server = new GrpcServer({ ...grpcOptions(config), entrance, logger, health, descriptors: descriptors() });
  server.addService(
    evaluation.EvaluationServiceService,
    evaluationRoutes({
      ...records,
      deployments,
      clean: cleanVersions.bind(undefined, {
        ...records,
        store,
        artifactsUrl,
        logger,
        clockSpeed: platform.clock.speed,
      }),
      logger,
      stopping: signal,
    }),
  );
  return [
    ...platform.resources,
    clientTls,
    jobsResource(jobs, bus, { logger, signal }),
    serving,
    candidateWorkers({
      jobs,
      metadata,
      store,
      deployments,
      judge: new JudgeVersion({ ...records, evaluator, store, artifactsUrl, logger }),
      rollOut: new RollOut({
        metadata,
        deployments,
        askServing: (model, version) => serving.ask(model, version),
        nowMs,
        clockSpeed: platform.clock.speed,
      }),
      onProgress: ({ model, version }, progress) => {
        if (progress.kind === 'moved')
          logger.info({ model, version, step: progress.step, reason: progress.reason }, 'rollout moved');
      },
      dependenciesAnswer: async () => (await registryAnswers()) && storeAnswers(store, artifactsUrl),
      removeOutput: (uri) => store.clear(uri),
    }),
    followTraining({ ...records, bus, dependenciesAnswer: registryAnswers }),
    server,
  ];
}
