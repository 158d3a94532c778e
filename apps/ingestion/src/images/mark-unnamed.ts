import { spansWithImages } from './named-images.ts';
import type { LeftFiles } from './pack-files.ts';
import type { StoredImage } from './stored-image.ts';
import { markRows, type SweepJob, type SweepParts } from './sweep-step.ts';
import { packForgotten, takeFiles } from './take-files.ts';
import { type ImageFile, withUnnamedFiles } from './unnamed-files.ts';
import { withUnnamed } from './unnamed-images.ts';

const mostMarked = 1_000_000;

/** Marks the images that no recorded span names, anew. Resolves with the files of before packs that stay. */
export async function markUnnamed(
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
    ...(await packForgotten({ dependencies, marks }, looking)),
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
