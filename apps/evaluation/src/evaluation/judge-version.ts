import { PermanentFailure, TransientFailure } from '@adstocrat/event-bus';
import { DamagedArtifact } from '@adstocrat/artifact-folders';
import { type ArtifactStore, storeAnswers } from '@adstocrat/artifact-store';
import type { Job, JobHandler, Jobs, Transaction } from '@adstocrat/jobs';
import { type Metadata, type VersionChange, VersionConflict, type VersionRecord } from '@adstocrat/metadata';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { takeTurn } from '../candidates/take-turn.ts';
import { jobKeyOf, rolloutKind, type VersionKey } from '../work-kinds.ts';
import { type Evaluated, executionOf, type Judgement } from './judgement.ts';

/** What an evaluation uses of its job. */
export type EvaluationJob = Pick<Job<VersionKey>, 'attempt' | 'signal' | 'output'>;

/** Evaluates a version beside the one in service, and writes the files of an attempt. */
export interface Evaluator {
  run(version: VersionRecord, baseline: VersionRecord | undefined, job: EvaluationJob): Promise<Evaluated>;
}

export interface JudgeVersionOptions {
  readonly jobs: Jobs;
  readonly metadata: Metadata;
  readonly evaluator: Evaluator;
  readonly store: ArtifactStore;
  readonly artifactsUrl: string;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** What the candidate was compared with is no longer in service. */
class BaselineChanged extends Error {
  override readonly name = 'BaselineChanged';
}

/** The job of an evaluation: judges a version, and records it with what follows in one transaction. */
export class JudgeVersion {
  readonly #options: JudgeVersionOptions;

  constructor(options: JudgeVersionOptions) {
    this.#options = options;
  }

  readonly run: JobHandler<VersionKey> = async (job) => {
    const { metadata, evaluator, logger, nowMs } = this.#options;
    const { model, version } = job.payload;
    for (;;) {
      const startedAtMs = nowMs();
      const record = await metadata.getVersion(model, version);
      if (record?.state !== 'evaluating') return;
      const baseline = await this.#inService(model);
      const evaluated = await this.#whatIsMissingIsDamage(() => evaluator.run(record, baseline, job));
      try {
        await job.finish((transaction) => this.#record(transaction, { record, baseline, evaluated, startedAtMs }));
      } catch (error) {
        if (!(error instanceof BaselineChanged || error instanceof VersionConflict)) throw error;
        logger.info({ model, version, baseline: baseline?.version }, 'looked at again: the registry has changed');
        continue;
      }
      const { blessed, reasons } = evaluated.report;
      logger.info({ model, version, reasons }, blessed ? 'blessed' : 'not blessed');
      return;
    }
  };

  /** Closed by default: a version that cannot be evaluated is not blessed, and the error is the reason. */
  readonly failed = async (
    { payload: { model, version }, reason }: { readonly payload: VersionKey; readonly reason: string },
    transaction: Transaction,
  ): Promise<void> => {
    const { metadata, nowMs } = this.#options;
    await metadata.lockModel(model, transaction);
    if ((await metadata.getVersion(model, version, transaction))?.state !== 'evaluating') return;
    const reasons = [`it could not be evaluated: ${reason}`];
    const refused = { state: 'not_blessed', blessed: false, reasons, updatedAtMs: nowMs() } as const;
    await metadata.updateVersion(model, version, 'evaluating', refused, transaction);
    await takeTurn(this.#options, transaction, model);
  };

  /** The version that has the traffic. */
  async #inService(model: string): Promise<VersionRecord | undefined> {
    const { metadata } = this.#options;
    const stable = (await metadata.currentDeployment(model))?.labels['stable'];
    return stable === undefined ? undefined : metadata.getVersion(model, stable);
  }

  async #record(transaction: Transaction, judgement: Judgement): Promise<void> {
    const { jobs, metadata, nowMs } = this.#options;
    const { record, baseline, evaluated } = judgement;
    const { model, version } = record;
    const { report, uri } = evaluated;
    await metadata.lockModel(model, transaction);
    const inService = (await metadata.currentDeployment(model, transaction))?.labels['stable'];
    if (inService !== baseline?.version) throw new BaselineChanged();
    const judged: VersionChange = {
      state: report.blessed ? 'blessed' : 'not_blessed',
      evaluation: { ...report },
      evaluationUri: uri,
      blessed: report.blessed,
      reasons: report.reasons,
      updatedAtMs: nowMs(),
    };
    await metadata.updateVersion(model, version, 'evaluating', judged, transaction);
    await metadata.putExecution(executionOf(judgement, nowMs()), transaction);
    const payload = { model, version };
    if (report.blessed)
      await jobs.request({ kind: rolloutKind, key: jobKeyOf(payload), payload, by: uri }, transaction);
    else await takeTurn(this.#options, transaction, model);
  }

  async #whatIsMissingIsDamage<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DamagedArtifact)) throw error;
      const { store, artifactsUrl } = this.#options;
      if (await storeAnswers(store, artifactsUrl)) throw new PermanentFailure(error.message, { cause: error });
      throw new TransientFailure(`the artifact store does not answer: ${error.message}`, { cause: error });
    }
  }
}
