import { setTimeout as sleep } from 'node:timers/promises';
import type { Metadata } from '@adstocrat/metadata';
import type { evaluation } from '@adstocrat/schemas';
import { settledStates } from '@adstocrat/rollouts';
import { FailedPrecondition, NotFound } from '@adstocrat/service-kit';
import { serverStream, unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { Deployments } from '../rollout/deployments.ts';
import { evaluationMessage } from './evaluation-message.ts';

export interface EvaluationRoutesOptions {
  readonly metadata: Metadata;
  readonly deployments: Deployments;
  readonly artifactsUrl: string;
  readonly logger: Logger;
  /** Ends the watches of a service that stops. */
  readonly stopping: AbortSignal;
}

/** Wall milliseconds between two looks of a watch. */
const watchMs = 200;

/** EvaluationService over the registry. Reading is all it does, but for RollBack. */
export function evaluationRoutes(options: EvaluationRoutesOptions): evaluation.EvaluationServiceServer {
  const { metadata, deployments, artifactsUrl, logger } = options;
  return {
    listEvaluations: unary(logger, async ({ model }) => {
      const versions = await metadata.listVersions(model);
      return {
        evaluations: versions
          .filter((record) => record.evaluation !== undefined)
          .map((record) => evaluationMessage(record, artifactsUrl)),
      };
    }),

    watchVersion: serverStream(logger, (request, { signal }) => watchVersion(options, request, signal)),

    getDeployment: unary(logger, async ({ model }) => {
      const record = await metadata.currentDeployment(model);
      if (record === undefined) throw new NotFound(`model "${model}" has no deployment`);
      return {
        model,
        revision: record.revision,
        labels: { ...record.labels },
        splitBasisPoints: Object.fromEntries(record.split.map((share) => [share.version, share.basisPoints])),
      };
    }),

    rollBack: unary(logger, async ({ model, version, reason }) => {
      try {
        const stableVersion = await deployments.rollBack(model, version, reason);
        logger.info({ model, stableVersion, reason }, 'rolled back by request');
        return { stableVersion };
      } catch (error) {
        if (error instanceof RangeError) throw new FailedPrecondition(error.message, { cause: error });
        throw error;
      }
    }),
  };
}

/** Each change of a version until it is settled. One that does not exist yet is waited for: training may be about to say it. */
async function* watchVersion(
  { metadata, artifactsUrl, stopping }: EvaluationRoutesOptions,
  { model, version }: evaluation.WatchVersionRequest,
  signal: AbortSignal,
): AsyncGenerator<evaluation.WatchVersionResponse> {
  for (let last = ''; !signal.aborted && !stopping.aborted; await sleep(watchMs)) {
    const record = await metadata.getVersion(model, version);
    if (record === undefined) continue;
    const share =
      record.state === 'canary'
        ? (await metadata.currentDeployment(model))?.split.find((part) => part.version === version)
        : undefined;
    const judged = record.evaluation !== undefined || settledStates.includes(record.state);
    const message: evaluation.WatchVersionResponse = {
      state: record.state,
      evaluation: judged ? evaluationMessage(record, artifactsUrl) : undefined,
      basisPoints: share?.basisPoints ?? 0,
    };
    const said = JSON.stringify(message);
    if (said !== last) yield message;
    last = said;
    if (settledStates.includes(record.state)) return;
  }
}
