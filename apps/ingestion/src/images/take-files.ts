import type { Job } from '@adstocrat/jobs';
import type { HoldsImages } from './image-marks.ts';
import { inLots } from './in-lots.ts';
import { namedImages } from './named-images.ts';
import { anyFile, type LeftFiles, packFiles } from './pack-files.ts';
import { digestsOnly, withNamed } from './stored-image.ts';
import type { ImageFile } from './unnamed-files.ts';
import { type LookAtImages, type LookDependencies, withEngine } from './unnamed-images.ts';
import { type PackParts, packParts } from './write-pack.ts';

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
  for await (const lot of inLots(files, lotFiles)) {
    job.signal.throwIfAborted();
    const digests = lot.map(({ sha256 }) => sha256);
    const stay = await packLotForgotten(parts, marks, digests, { areUnnamed: true });
    for (const [sha256, why] of stay) left.set(sha256, why);
    done += lot.length;
    job.report({ step: 'images', done, total: 0, unit: 'images' });
  }
  return left;
}

/** Files of images that are to be forgotten go, however young. Resolves with those that stay. Throws `UnreadableSpan`. */
export async function packForgotten(
  { dependencies, marks }: TakeParts,
  { spans, onSpan, signal }: Omit<LookAtImages, 'graceMs'>,
): Promise<LeftFiles> {
  const parts = packParts(dependencies);
  const left = new Map<string, Error>();
  if (!(await anyFile(parts))) {
    // Somebody may have removed those that stayed.
    for await (const lot of inLots(parts.registry.forgotten(), lotFiles)) await parts.registry.forgetAsYet(lot, []);
    return left;
  }
  await withEngine(dependencies, signal, async (engine, folder) => {
    const named = namedImages(dependencies, engine, spans, folder, onSpan);
    for await (const lot of inLots(withNamed(digestsOnly(parts.registry.forgotten()), named), lotFiles))
      for (const areUnnamed of [true, false]) {
        signal.throwIfAborted();
        const some = lot.filter(({ isNamed }) => isNamed !== areUnnamed).map(({ image }) => image.sha256);
        const stay = await packFiles(parts, marks, some, { areUnnamed });
        // Some may have been recalled meanwhile.
        await parts.registry.forgetAsYet(some, [...stay.keys()]);
        for (const [sha256, why] of stay) left.set(sha256, why);
      }
  });
  return left;
}

/**
 * Says of images that they go once no span names them, and has their bytes lie where that reaches them: files of before packs are packed,
 * as {@link packFiles} does. Those that stay are known to the registry until they are gone. Resolves with them.
 */
export async function packLotForgotten(
  parts: PackParts,
  marks: HoldsImages,
  digests: readonly string[],
  how: Parameters<typeof packFiles>[3],
): Promise<LeftFiles> {
  if (digests.length === 0) return new Map();
  const left = await packFiles(parts, marks, digests, how);
  await parts.registry.forget(digests);
  await parts.registry.forgetFiles([...left.keys()]);
  await parts.registry.filesRemoved(digests.filter((sha256) => !left.has(sha256)));
  return left;
}
