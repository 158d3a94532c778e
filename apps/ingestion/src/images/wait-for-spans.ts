import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type JobKind, type Jobs, Postponed } from '@adstocrat/jobs';
import { batchJob } from '../batch/batch-job.ts';
import { liveSpanJob } from '../live/write-live-span.ts';
import type { ImageSweep, SpanAttempt } from './image-sweeps.ts';
import { digestsOf, fetchIndex, spansWithImages } from './named-images.ts';
import type { SweepJob, SweepParts } from './sweep-step.ts';
import { withEngine } from './unnamed-images.ts';

/** Kinds of jobs that take images. */
const takers: readonly JobKind<unknown>[] = [batchJob, liveSpanJob];
/** Wall milliseconds between two looks at who is waited for. */
const againMs = 2000;

/**
 * Has what is marked go from now on, but for what spans name that were recorded since; marks anew where that cannot be told. Throws a
 * {@link Postponed} while an attempt at a span is in progress that was so when the marking had ended.
 */
export async function waitForSpans(parts: SweepParts, job: SweepJob, now: ImageSweep): Promise<void> {
  const { jobs, sweeps } = parts;
  const { sweep } = job.payload;
  // Read after what is marked was there for all to see: who is not among them, and in progress, has looked at the marks.
  const waitsFor = now.waitsFor ?? (await inProgress(jobs));
  if (now.waitsFor === null) await sweeps.waitsFor(sweep, job.attempt, waitsFor);
  if (!now.void)
    for (const { kind, key, attempt } of waitsFor) {
      const found = await jobs.get({ name: kind, parse: (payload) => payload }, key);
      if (found?.state === 'running' && found.attempt === attempt)
        throw new Postponed('a span is in the making that may name some of them', againMs);
    }
  if (!now.void && (await takeBack(parts, job, now)) && (await sweeps.beginSweeping(sweep, job.attempt))) return;
  // A span was removed that it did not know: it may have named some of them.
  await sweeps.beginMarking(sweep, job.attempt);
}

async function inProgress(jobs: Pick<Jobs, 'live'>): Promise<readonly SpanAttempt[]> {
  const attempts: SpanAttempt[] = [];
  for (const taker of takers)
    for (const { kind, key, attempt, state } of await jobs.live(taker))
      if (state === 'running') attempts.push({ kind, key, attempt });
  return attempts;
}

/** Takes back the marks of what spans name that were recorded since. False where one of them is gone again. */
async function takeBack({ dependencies, marks }: SweepParts, job: SweepJob, { spans }: ImageSweep): Promise<boolean> {
  const known = new Set(spans);
  const fresh = (await spansWithImages(dependencies)).filter(({ uri }) => !known.has(uri));
  if (fresh.length === 0) return true;
  return withEngine(dependencies, job.signal, async (engine, workDir) => {
    for (const [index, span] of fresh.entries()) {
      job.report({ step: 'spans', done: index, total: fresh.length, unit: 'spans' });
      const folder = join(workDir, `fresh-${index}`);
      mkdirSync(folder);
      const path = await fetchIndex(dependencies, span, folder);
      if (path === undefined) return false;
      for await (const digests of digestsOf(engine, await engine.openParquet([path]))) await marks.named(digests);
    }
    return true;
  });
}
