import { ownsArtifacts } from '@adstocrat/artifact-folders';
import type { Jobs } from '@adstocrat/jobs';
import { FailedPrecondition } from '@adstocrat/service-kit';
import type { OnProgress } from '../shards/shard-work.ts';
import { askForSweep } from './ask-for-sweep.ts';
import type { ImageMarks } from './image-marks.ts';
import type { ImageSweeps } from './image-sweeps.ts';
import { spansWithImages, UnreadableSpan } from './named-images.ts';
import type { StoredImage } from './stored-image.ts';
import { withUnnamedFiles } from './unnamed-files.ts';
import { type LookDependencies, withUnnamed } from './unnamed-images.ts';

export interface CleanImagesParts {
  readonly dependencies: LookDependencies;
  readonly jobs: Jobs;
  readonly marks: ImageMarks;
  readonly sweeps: ImageSweeps;
}

interface Counted {
  readonly images: number;
  readonly bytes: number;
}

/** What became of the images that no span names. */
export interface CleanedImages {
  /** Gone, or on a dry run what would go. */
  readonly going: Counted;
  /** Those that are to go, by themselves, once what they wait for is over. */
  readonly waiting: Counted;
  /** What they wait for; empty where there is nothing. */
  readonly why: string;
}

const none: Counted = { images: 0, bytes: 0 };

/** Images between two words of progress. */
const sayEvery = 4096;

/**
 * Removes the images that no span names and that were written before the grace; `dryRun`: counts them. Two that ask at once ask for one
 * sweep, with the grace of the first. It goes on where whoever asked is gone. Throws {@link FailedPrecondition} where a span cannot be read, and where the artifacts are another
 * installation's.
 */
export async function cleanImages(
  parts: CleanImagesParts,
  options: {
    readonly dryRun: boolean;
    /** Of a dry run: folders of spans that are taken to be gone. */
    readonly without: readonly string[];
    /** Wall milliseconds from when an image was written. */
    readonly graceMs: number;
    readonly signal: AbortSignal;
    readonly onProgress: OnProgress;
  },
): Promise<CleanedImages> {
  const { jobs, marks, sweeps } = parts;
  const { metadata, store, artifactsUrl } = parts.dependencies;
  if (!(await ownsArtifacts(store, artifactsUrl, await metadata.installation())))
    throw new FailedPrecondition(
      `${artifactsUrl} belongs to another installation, whose spans may name its images: clean there`,
    );
  const { graceMs, signal, onProgress } = options;
  if (options.dryRun) return { going: await count(parts.dependencies, options), waiting: none, why: '' };
  const { sweep, why } = await askForSweep(jobs, sweeps.open.bind(sweeps), { graceMs, signal, onProgress });
  const { images = 0, bytes = 0 } = (await sweeps.find(sweep)) ?? none;
  return { going: { images, bytes }, waiting: why === '' ? none : await marks.count(), why };
}

async function count(
  dependencies: LookDependencies,
  { without, graceMs, signal, onProgress }: Omit<Parameters<typeof cleanImages>[1], 'dryRun'>,
): Promise<Counted> {
  const gone = new Set(without);
  const spans = (await spansWithImages(dependencies)).filter(({ uri }) => !gone.has(uri));
  const said: OnProgress = (step, done, total, unit) => {
    signal.throwIfAborted();
    onProgress(step, done, total, unit);
  };
  const onSpan = (done: number): void => said('spans', done, spans.length, 'spans');
  const looking = { spans, graceMs, onSpan, signal };
  let [images, bytes] = [0, 0];
  const add = async (found: AsyncIterable<Pick<StoredImage, 'bytes'>>): Promise<void> => {
    for await (const image of found) {
      images += 1;
      bytes += image.bytes;
      if (images % sayEvery === 0) said('images', images, 0, 'images');
    }
  };
  try {
    await withUnnamed(dependencies, looking, add);
    await withUnnamedFiles(dependencies, looking, add);
    return { images, bytes };
  } catch (error) {
    if (error instanceof UnreadableSpan) throw new FailedPrecondition(error.message, { cause: error });
    throw error;
  }
}
