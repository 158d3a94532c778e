import { type ArtifactStore, storeAnswers } from '@adstocrat/artifact-store';
import type { Jobs } from '@adstocrat/jobs';
import type { Metadata } from '@adstocrat/metadata';
import type { CandidateInServing } from '@adstocrat/rollouts';
import { createLogger } from '@adstocrat/service-kit/telemetry';
import { candidateWorkers, type CandidateWorkersOptions } from '../candidate-workers.ts';
import { type Evaluator, JudgeVersion } from '../evaluation/judge-version.ts';
import { Deployments } from '../rollout/deployments.ts';
import { RollOut } from '../rollout/roll-out.ts';

export interface EvaluationProcessOptions {
  readonly jobs: Jobs;
  readonly metadata: Metadata;
  readonly store: ArtifactStore;
  readonly artifactsUrl: string;
  readonly evaluator: Evaluator;
  readonly askServing?: () => Promise<CandidateInServing>;
  /** Event-time seconds per wall second. Default: 600. */
  readonly clockSpeed?: number;
  readonly onProgress?: CandidateWorkersOptions['onProgress'];
}

/** What an evaluation service does with versions, over the jobs of a process. Stops with them. */
export async function startEvaluation(options: EvaluationProcessOptions): Promise<void> {
  const { jobs, metadata, store, artifactsUrl, evaluator } = options;
  const logger = createLogger({ service: 'test', level: 'silent' });
  const records = { jobs, metadata, nowMs: () => Date.now() };
  const deployments = new Deployments(records);
  await candidateWorkers({
    jobs,
    metadata,
    store,
    deployments,
    judge: new JudgeVersion({ ...records, store, artifactsUrl, evaluator, logger }),
    rollOut: new RollOut({
      ...records,
      deployments,
      askServing: options.askServing ?? (() => Promise.resolve({ state: 'available', passedOver: [] })),
      clockSpeed: options.clockSpeed ?? 600,
    }),
    onProgress: options.onProgress ?? (() => undefined),
    dependenciesAnswer: () => storeAnswers(store, artifactsUrl),
    removeOutput: (uri) => store.clear(uri),
  }).start();
}
