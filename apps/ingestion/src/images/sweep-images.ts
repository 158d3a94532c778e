import { PermanentFailure } from '@adstocrat/event-bus';
import { markUnnamed } from './mark-unnamed.ts';
import { spansWithImages } from './named-images.ts';
import type { LeftFiles } from './pack-files.ts';
import { markRows, type SweepJob, type SweepParts } from './sweep-step.ts';
import { packForgotten } from './take-files.ts';
import { tidyPacks } from './tidy-packs.ts';
import { waitForSpans } from './wait-for-spans.ts';
import { packParts } from './write-pack.ts';

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
    if (now.state === 'marking') left = await markUnnamed(parts, job);
    else if (now.state === 'waiting') await waitForSpans(parts, job, now);
    else await remove(parts, job);
  }
  await tidyPacks(packParts(parts.dependencies), job.signal);
  // Of those that waited in between as well.
  const spans = await spansWithImages(parts.dependencies);
  const kept = await packForgotten(parts, { spans, onSpan: () => undefined, signal: job.signal });
  const [first] = [...left.values(), ...kept.values()];
  if (first !== undefined) throw new PermanentFailure(first.message, { cause: first });
  const { images = 0, bytes = 0 } = (await parts.sweeps.find(sweep)) ?? {};
  await job.finish(() => Promise.resolve({ images, bytes }));
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
