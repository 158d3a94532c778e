import { randomUUID } from 'node:crypto';
import { type Jobs, type Transaction } from '@adstocrat/jobs';
import { FailedPrecondition } from '@adstocrat/service-kit';
import type { OnProgress } from '../shards/shard-work.ts';
import { sweepImagesJob } from './sweep-images-job.ts';

/**
 * Asks for a sweep of images and watches it, until it has ended or has to wait: then it goes on by itself, and `why` says what for.
 * `open` says which sweep it is. Throws {@link FailedPrecondition} where it fails.
 */
export async function askForSweep(
  jobs: Jobs,
  open: (transaction: Transaction) => Promise<number>,
  {
    graceMs,
    signal,
    onProgress,
  }: {
    /** Wall milliseconds from when an image was written in which it stays. */
    readonly graceMs: number;
    readonly signal: AbortSignal;
    readonly onProgress: OnProgress;
  },
): Promise<{ readonly sweep: number; readonly why: string }> {
  const sweep = await jobs.transaction(async (transaction) => {
    const opened = await open(transaction);
    const payload = { sweep: opened, graceMs };
    await jobs.request({ kind: sweepImagesJob, key: String(opened), payload, by: randomUUID() }, transaction);
    return opened;
  });
  let why = '';
  for await (const { state, reason, progress } of jobs.watch(sweepImagesJob, String(sweep), signal)) {
    if (progress !== undefined) onProgress(progress.step, progress.done, progress.total, progress.unit ?? '');
    if (state === 'failed' || state === 'cancelled')
      throw new FailedPrecondition(reason ?? 'the look at images failed');
    // It waits for a span, or for a dependency: nobody need wait with it.
    why = state === 'waiting' ? (reason ?? '') : '';
    if (why !== '') break;
  }
  return { sweep, why };
}
