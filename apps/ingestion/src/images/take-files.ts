import type { Job } from '@adstocrat/jobs';
import type { HoldsImages } from './image-marks.ts';
import { type LeftFiles, packFiles } from './pack-files.ts';
import type { ImageFile } from './unnamed-files.ts';
import type { LookDependencies } from './unnamed-images.ts';
import { packParts } from './write-pack.ts';

/** Files of one lot. */
const lotFiles = 4096;

interface TakeParts {
  readonly dependencies: LookDependencies;
  readonly marks: HoldsImages;
}

/** Files of before packs that no span names become images like any other, which are old. Resolves with those that stay. */
export async function takeFiles(
  { dependencies, marks }: TakeParts,
  files: AsyncIterable<ImageFile>,
  job: Pick<Job<unknown>, 'signal' | 'report'>,
): Promise<LeftFiles> {
  const parts = packParts(dependencies);
  const left = new Map<string, Error>();
  let done = 0;
  let some: string[] = [];
  const take = async (): Promise<void> => {
    job.signal.throwIfAborted();
    const stay = await packFiles(parts, marks, some, { areUnnamed: true });
    for (const [sha256, why] of stay) left.set(sha256, why);
    await parts.registry.forget(some);
    done += some.length;
    job.report({ step: 'images', done, total: 0, unit: 'images' });
    some = [];
  };
  for await (const { sha256 } of files) if (some.push(sha256) === lotFiles) await take();
  if (some.length > 0) await take();
  return left;
}

/** Files of images that are to be forgotten go, however young. Resolves with those that stay. */
export async function packForgotten({ dependencies, marks }: TakeParts): Promise<LeftFiles> {
  const parts = packParts(dependencies);
  return packFiles(parts, marks, await parts.registry.forgotten(), { areUnnamed: false });
}
