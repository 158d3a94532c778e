import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, type JobHandler, Postponed, type Transaction } from '@adstocrat/jobs';
import { readTask, type Tasks } from '@adstocrat/metadata';
import type { VersionKey } from '../work-kinds.ts';
import type { Deployments } from './deployments.ts';
import type { RollOut, RolloutProgress } from './roll-out.ts';
import { rolloutPolicyOf } from './rollout-policy-of.ts';

export interface RollOutVersionOptions {
  readonly metadata: Tasks;
  readonly rollOut: RollOut;
  readonly onProgress: (version: VersionKey, progress: RolloutProgress) => void;
}

/** Wall milliseconds up to which a rollout waits in its process; for longer it is put off, and holds nothing. */
const shortWaitMs = 2_000;

/**
 * The job of a rollout: one step after the other until the version is settled. Nothing is kept here: each step reads what is
 * recorded and records what it did at once, so that whoever takes the job over goes on where it was.
 */
export function rollOutVersion({ metadata, rollOut, onProgress }: RollOutVersionOptions): JobHandler<VersionKey> {
  return async (job: Job<VersionKey>) => {
    const { payload, signal } = job;
    const { model, version } = payload;
    for (;;) {
      signal.throwIfAborted();
      const task = await readTask(metadata, model);
      const progress = await rollOut.step(model, version, rolloutPolicyOf(task.rollout));
      onProgress(payload, progress);
      if (progress.kind === 'done') return;
      if (progress.kind !== 'waiting') continue;
      job.report({ step: progress.reason, done: 0, total: 0 });
      if (progress.forMs > shortWaitMs) throw new Postponed(progress.reason, progress.forMs);
      await sleep(progress.forMs, undefined, { signal });
    }
  };
}

/** What follows from a rollout that failed for good: the version is taken out of the traffic, with the reason. */
export function rolloutFailed(deployments: Deployments) {
  return (
    { payload: { model, version }, reason }: { readonly payload: VersionKey; readonly reason: string },
    transaction: Transaction,
  ): Promise<void> => deployments.giveUp(transaction, model, version, `it could not be rolled out: ${reason}`);
}
