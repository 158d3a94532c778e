import type { Jobs } from '@adstocrat/jobs';
import type { Metadata } from '@adstocrat/metadata';
import type { evaluation } from '@adstocrat/schemas';
import { FailedPrecondition, InvalidRequest, NotFound, plainName } from '@adstocrat/service-kit';
import { serverStream, unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { judgeAgain } from '../candidates/judge-again.ts';
import type { Cleaned, CleanOptions, SizedVersion } from '../clean/clean-versions.ts';
import type { Deployments } from '../rollout/deployments.ts';
import { evaluationMessage } from './evaluation-message.ts';
import { watchVersion } from './watch-version.ts';

export interface EvaluationRoutesOptions {
  readonly metadata: Metadata;
  readonly jobs: Jobs;
  readonly nowMs: () => number;
  readonly deployments: Deployments;
  clean(options: CleanOptions): Promise<Cleaned>;
  readonly logger: Logger;
  /** Ends the watches of a service that stops. */
  readonly stopping: AbortSignal;
}

/** Newest versions of a model whose evaluations are listed. */
const mostEvaluations = 100;

/** EvaluationService over the registry. Reading is all it does, but for JudgeAgain, RollBack and CleanVersions. */
export function evaluationRoutes(options: EvaluationRoutesOptions): evaluation.EvaluationServiceServer {
  const { metadata, deployments, logger } = options;
  return {
    listEvaluations: unary(logger, async ({ model }) => {
      const versions = await metadata.listVersions(plainName('model', model), mostEvaluations);
      return {
        evaluations: versions
          .filter((record) => record.evaluation !== undefined)
          .map((record) => evaluationMessage(record)),
      };
    }),

    watchVersion: serverStream(logger, (request, { signal }) => watchVersion(options, request, signal)),

    judgeAgain: unary(logger, async ({ model, version }) => {
      try {
        return { again: await judgeAgain(options, plainName('model', model), version) };
      } catch (error) {
        if (error instanceof RangeError) throw new NotFound(error.message, { cause: error });
        throw error;
      }
    }),

    getDeployment: unary(logger, async ({ model }) => {
      const record = await metadata.currentDeployment(plainName('model', model));
      if (record === undefined) throw new NotFound(`model "${model}" has no deployment`);
      return {
        model,
        revision: record.revision,
        labels: { ...record.labels },
        splitBasisPoints: Object.fromEntries(record.split.map((share) => [share.version, share.basisPoints])),
      };
    }),

    cleanVersions: unary<evaluation.CleanVersionsRequest, evaluation.CleanVersionsResponse>(logger, async (request) => {
      const { keepVersions, keepDays, predictionsKeptMs, dryRun } = request;
      const limits = { keep_versions: keepVersions, keep_days: keepDays, predictions_kept_ms: predictionsKeptMs };
      for (const [field, value] of Object.entries(limits))
        if (!(value >= 0)) throw new InvalidRequest(`${field} must be >= 0, got ${value}`);
      const { going, staying } = await options.clean({
        keeping: { versions: keepVersions, days: keepDays },
        predictionsKeptMs,
        dryRun,
      });
      return { going: going.map(cleanedMessage), staying: staying.map(cleanedMessage) };
    }),

    rollBack: unary(logger, async ({ model, version, reason }) => {
      if (version < 0) throw new InvalidRequest(`version must be ≥ 1, or 0 for the one before, got ${version}`);
      try {
        const stableVersion = await deployments.rollBack(plainName('model', model), version, reason);
        logger.info({ model, stableVersion, reason }, 'rolled back by request');
        return { stableVersion };
      } catch (error) {
        if (error instanceof RangeError) throw new FailedPrecondition(error.message, { cause: error });
        throw error;
      }
    }),
  };
}

function cleanedMessage({ record: { model, version, uri }, bytes, why }: SizedVersion): evaluation.CleanedVersion {
  return { model, version, uri, bytes, why };
}
