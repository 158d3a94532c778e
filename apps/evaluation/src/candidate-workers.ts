import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { Jobs } from '@adstocrat/jobs';
import type { Tasks } from '@adstocrat/metadata';
import type { Resource } from '@adstocrat/service-kit';
import { removeVersion, removeVersionJob } from './clean/remove-version-job.ts';
import type { JudgeVersion } from './evaluation/judge-version.ts';
import type { Deployments } from './rollout/deployments.ts';
import type { RollOut, RolloutProgress } from './rollout/roll-out.ts';
import { rollOutVersion, rolloutFailed } from './rollout/roll-out-version.ts';
import { evaluateKind, rolloutKind, type VersionKey } from './work-kinds.ts';

export interface CandidateWorkersOptions {
  readonly jobs: Jobs;
  readonly metadata: Tasks;
  readonly store: ArtifactStore;
  readonly judge: JudgeVersion;
  readonly rollOut: RollOut;
  readonly deployments: Deployments;
  readonly onProgress: (version: VersionKey, progress: RolloutProgress) => void;
  /** Whether registry and store answer: what fails while one does not is tried again. */
  readonly dependenciesAnswer: () => Promise<boolean>;
  /** Removes what an evaluation that did not finish left below a URI. */
  readonly removeOutput: (uri: string) => Promise<void>;
}

/** Evaluations in this process at once: each has the processor and the memory for itself. */
const evaluations = 1;
/** Rollouts in this process at once: they sleep for nearly all of their time. */
const rollouts = 16;
/** Times that an evaluation fails for no known reason until that is the reason not to bless. */
const maxFailures = 3;

/** Takes the jobs about versions: evaluations, rollouts, the removal of files. Any number of processes share them. */
export function candidateWorkers(options: CandidateWorkersOptions): Resource {
  const { jobs, judge, deployments, dependenciesAnswer, removeOutput, store } = options;
  let stops: readonly (() => Promise<void>)[] = [];
  return {
    name: 'candidate workers',
    start: () => {
      const workers = [
        jobs.work(
          evaluateKind,
          { concurrency: evaluations, maxFailures, dependenciesAnswer, removeOutput, onFailed: judge.failed },
          judge.run,
        ),
        jobs.work(
          rolloutKind,
          { concurrency: rollouts, dependenciesAnswer, onFailed: rolloutFailed(deployments) },
          rollOutVersion(options),
        ),
        jobs.work(removeVersionJob, { concurrency: 1, dependenciesAnswer }, (job) => removeVersion(store, job)),
      ];
      stops = workers.map((worker) => () => worker.stop());
      return Promise.resolve();
    },
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}
