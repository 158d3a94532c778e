import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { Jobs, JobWorker, Transaction } from '@adstocrat/jobs';
import type { Metadata } from '@adstocrat/metadata';
import type { Resource } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { StoredImages } from '@adstocrat/stored-images';
import { doTrial } from './do-trial.ts';
import { PreparedStudy } from './prepared-study.ts';
import { studyJob, type StudyPayload } from './study-job.ts';
import { trySetting } from './try-setting.ts';

/** Takes trials of studies, one at a time. */
export function studyTrials(options: {
  readonly metadata: Metadata;
  readonly jobs: Jobs;
  readonly store: ArtifactStore;
  readonly artifactsUrl: string;
  /** Folder for passing files, of this process alone. */
  readonly workDir: string;
  readonly logger: Logger;
}): Resource {
  const { metadata, jobs, store, artifactsUrl, logger } = options;
  const stored = new StoredImages({ registry: metadata.images, store, artifactsUrl });
  const prepared = new PreparedStudy({ ...options, stored });
  let worker: JobWorker | undefined;
  return {
    name: 'studies',
    start: () => {
      worker = jobs.work(
        studyJob,
        {
          concurrency: 1,
          dependenciesAnswer: () => metadata.ping().then(() => true),
          onFailed: ({ payload, reason }, transaction) => recordFailure(metadata, payload, reason, transaction),
        },
        (job) => doTrial(job, { metadata, jobs, prepared, logger, tries: trySetting }),
      );
      return Promise.resolve();
    },
    stop: async () => {
      await worker?.stop();
      await prepared.close();
    },
  };
}

/** Of a trial that has begun: without a setting there is nothing to say of it. */
export async function recordFailure(
  metadata: Pick<Metadata, 'listTuningTrials' | 'putTuningTrial'>,
  { study, trial }: StudyPayload,
  reason: string,
  transaction: Transaction,
): Promise<void> {
  const own = (await metadata.listTuningTrials(study, transaction)).find((one) => one.trial === trial);
  if (own !== undefined) await metadata.putTuningTrial({ ...own, state: 'failed', reason }, transaction);
}
