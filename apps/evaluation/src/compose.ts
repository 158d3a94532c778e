import { openExampleEngine, openPlatform } from '@adstocrat/adapters';
import type { Subscription } from '@adstocrat/event-bus';
import { evaluation, topics } from '@adstocrat/schemas';
import { type Resource, scratchOf } from '@adstocrat/service-kit';
import { GrpcServer, grpcOptions } from '@adstocrat/service-kit/grpc';
import { type Logger, withTraceContext } from '@adstocrat/service-kit/telemetry';
import { acceptCandidate } from './accept-candidate.ts';
import type { Config } from './config.ts';
import { EvaluateOrRefuse } from './evaluation/evaluate-or-refuse.ts';
import { EvaluateVersion } from './evaluation/evaluate-version.ts';
import { scorersOf } from './evaluation/open-scorer.ts';
import { evaluationRoutes } from './grpc/evaluation-routes.ts';
import { LookAtModel } from './look-at-model.ts';
import { ModelLoops } from './model-loop.ts';
import { Deployments } from './rollout/deployments.ts';
import { RollOut } from './rollout/roll-out.ts';
import { ServingInstances } from './rollout/serving-instances.ts';

/** The only place of evaluation that names an adapter. Returns what to run, in starting order. */
export async function compose(config: Config, logger: Logger, signal: AbortSignal): Promise<readonly Resource[]> {
  const { ARTIFACTS_URL: artifactsUrl } = config;
  const workDir = scratchOf(config.WORK_DIR);
  const platform = await openPlatform('evaluation', config, logger, signal);
  const { bus, metadata, store, health } = platform;
  const nowMs = (): number => Date.now();
  const deployments = new Deployments(metadata, bus, nowMs);
  const serving = new ServingInstances({ urls: config.SERVING_GRPC_URLS });
  const evaluator = new EvaluateVersion({
    metadata,
    store,
    artifactsUrl,
    workDir,
    nowMs,
    openScorer: scorersOf(store),
    openEngine: () => openExampleEngine({ workDir }),
  });
  const judge = new EvaluateOrRefuse({
    metadata,
    logger,
    nowMs,
    evaluate: (version, stop) => evaluator.run(version, stop),
  });
  const lookAt = new LookAtModel({
    metadata,
    deployments,
    rollOut: new RollOut({
      deployments,
      askServing: (model, version) => serving.ask(model, version),
      nowMs,
      clockSpeed: config.CLOCK_SPEED,
    }),
    evaluate: (version, stop) => judge.run(version, stop),
    onProgress: (model, version, progress) => {
      if (progress.kind === 'moved')
        logger.info({ model, version, step: progress.step, reason: progress.reason }, 'rollout moved');
    },
  });
  const loops = new ModelLoops(
    (model, stop) => lookAt.look(model, stop),
    (model, error, retryMs) => {
      logger.warn({ model, err: error, retryMs }, 'step failed, will be tried again');
    },
  );
  const server = new GrpcServer({ ...grpcOptions(config), logger, health });
  server.addService(
    evaluation.EvaluationServiceService,
    evaluationRoutes({ metadata, deployments, artifactsUrl, logger, stopping: signal }),
  );
  let subscription: Subscription | undefined;
  return [
    ...platform.resources,
    {
      name: 'serving client',
      start: () => Promise.resolve(),
      stop: () => {
        serving.close();
        return Promise.resolve();
      },
    },
    {
      name: 'model loops',
      // What a process before this one left half-way is looked at first.
      start: async () => {
        for (const { name } of await metadata.listTasks()) loops.wake(name);
      },
      stop: () => loops.stop(),
    },
    {
      name: 'model.trained',
      start: async () => {
        subscription = await bus.subscribe(topics.modelTrained, { group: 'evaluation' }, async (batch) => {
          for (const event of batch)
            await withTraceContext('accept candidate', event.headers, async () => {
              await acceptCandidate(metadata, event, nowMs());
              loops.wake(event.event.model);
            });
        });
      },
      stop: async () => subscription?.close(),
    },
    server,
  ];
}
