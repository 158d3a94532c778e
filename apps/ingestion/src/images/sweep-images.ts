import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PermanentFailure } from '@adstocrat/event-bus';
import { type Job, type JobKind, type Jobs, Postponed } from '@adstocrat/jobs';
import { batchJob } from '../batch/batch-job.ts';
import { liveSpanJob } from '../live/write-live-span.ts';
import type { ImageMarks } from './image-marks.ts';
import type { ImageSweep, ImageSweeps, SpanAttempt } from './image-sweeps.ts';
import { digestsOf, fetchIndex, spansWithImages } from './named-images.ts';
import type { LeftFiles } from './pack-files.ts';
import type { StoredImage } from './stored-image.ts';
import type { SweepPayload } from './sweep-images-job.ts';
import { packForgotten, takeFiles } from './take-files.ts';
import { tidyPacks } from './tidy-packs.ts';
import { type ImageFile, withUnnamedFiles } from './unnamed-files.ts';
import { type LookDependencies, withEngine, withUnnamed } from './unnamed-images.ts';
import { packParts } from './write-pack.ts';

type SweepJob = Pick<Job<SweepPayload>, 'attempt' | 'payload' | 'signal' | 'report' | 'finish'>;

export interface SweepParts {
  readonly dependencies: LookDependencies;
  readonly jobs: Pick<Jobs, 'live' | 'get'>;
  readonly marks: ImageMarks;
  readonly sweeps: ImageSweeps;
  /** Images that are marked at once, at most. */
  readonly mostMarked?: number;
}

/** Kinds of jobs that take images. */
const takers: readonly JobKind<unknown>[] = [batchJob, liveSpanJob];
/** Images of one statement. */
const markRows = 4096;
const mostMarked = 1_000_000;
/** Wall milliseconds between two looks at who is waited for. */
const againMs = 2000;

/**
 * Removes images that no recorded span names, beside ingestions that go on: marks them, waits for every attempt at a span that was in
 * progress by then, takes back the marks of what spans name that were recorded since, and removes the rest. Whoever takes images later
 * takes marks back himself. In the end it tidies their packs. Taken over, it goes on where it was. Throws a {@link Postponed} while it waits,
 * and in the end a `PermanentFailure` that names the first file or pack that had to stay.
 */
export async function sweepImages(parts: SweepParts, job: SweepJob): Promise<void> {
  const { sweep } = job.payload;
  let left: LeftFiles = new Map();
  for (;;) {
    job.signal.throwIfAborted();
    const now = await parts.sweeps.take(sweep, job.attempt);
    if (now === undefined) break;
    if (now.state === 'marking') left = await mark(parts, job);
    else if (now.state === 'waiting') await wait(parts, job, now);
    else await remove(parts, job);
  }
  await tidyPacks(packParts(parts.dependencies), job.signal);
  // Of those that waited in between as well.
  const kept = await packForgotten(parts);
  const [first] = [...left.values(), ...kept.values()];
  if (first !== undefined) throw new PermanentFailure(first.message, { cause: first });
  const { images = 0, bytes = 0 } = (await parts.sweeps.find(sweep)) ?? {};
  await job.finish(() => Promise.resolve({ images, bytes }));
}

async function mark(
  { dependencies, marks, sweeps, mostMarked: most = mostMarked }: SweepParts,
  job: SweepJob,
): Promise<LeftFiles> {
  const { sweep, graceMs } = job.payload;
  if (!(await sweeps.beginMarking(sweep, job.attempt))) return new Map();
  const spans = await spansWithImages(dependencies);
  const uris = spans.map(({ uri }) => uri);
  if (!(await sweeps.knows(sweep, job.attempt, uris))) return new Map();
  const onSpan = (done: number): void => {
    job.report({ step: 'spans', done, total: spans.length, unit: 'spans' });
  };
  const looking = { spans, graceMs, onSpan, signal: job.signal };
  const take = (files: AsyncIterable<ImageFile>): Promise<LeftFiles> => takeFiles({ dependencies, marks }, files, job);
  const left = new Map([
    ...((await withUnnamedFiles(dependencies, looking, take)) ?? []),
    ...(await packForgotten({ dependencies, marks })),
  ]);
  let [marked, more] = [0, false];
  const put = async (images: readonly StoredImage[]): Promise<boolean> => {
    marked += images.length;
    job.report({ step: 'images', done: marked, total: 0, unit: 'images' });
    return marks.mark(sweep, job.attempt, images);
  };
  const isMine = await withUnnamed(dependencies, looking, async (images) => {
    let some: StoredImage[] = [];
    for await (const image of images) {
      job.signal.throwIfAborted();
      // While its file stays, so does the image: the registry says that it is to go.
      if (left.has(image.sha256)) continue;
      more = marked + some.length >= most;
      if (more) break;
      some.push(image);
      if (some.length < markRows) continue;
      if (!(await put(some))) return false;
      some = [];
    }
    return put(some);
  });
  if (isMine) await sweeps.marked(sweep, job.attempt, more);
  return left;
}

async function wait(parts: SweepParts, job: SweepJob, now: ImageSweep): Promise<void> {
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

async function remove({ dependencies, marks, sweeps }: SweepParts, job: SweepJob): Promise<void> {
  const { sweep } = job.payload;
  const { images: total } = await marks.count();
  for (let done = 0; ;) {
    job.signal.throwIfAborted();
    const going = await marks.condemn(sweep, job.attempt, markRows);
    if (going.length === 0) break;
    await dependencies.metadata.images.remove(going);
    await marks.removed(going);
    done += going.length;
    job.report({ step: 'remove', done, total: Math.max(done, total), unit: 'images' });
  }
  await sweeps.end(sweep, job.attempt);
}
