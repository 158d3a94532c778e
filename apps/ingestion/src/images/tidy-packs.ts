import { ArtifactNotFound } from '@adstocrat/artifact-store';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { PackUse } from '@adstocrat/metadata';
import { packUri, StoredImages } from '@adstocrat/stored-images';
import { packBytes } from './pack-bytes.ts';
import { removeObjects } from './remove-objects.ts';
import { isUnreadable } from './unreadable.ts';
import { type ImageContent, type PackParts, writePack } from './write-pack.ts';

/** Wall milliseconds from when a pack was begun in which its name is kept: one that is written late is removed again by the next who tidies. */
const lateMs = 3_600_000;

/**
 * Removes packs in which no image lies, and writes those that are little used together into new ones: whoever reads an image meanwhile
 * finds it in the one or the other. One that may not be removed, or of which something is missing, stays and keeps no other from that:
 * of several that cannot be written together each is written anew alone. Then throws a `PermanentFailure` that names the first of them.
 */
export async function tidyPacks(parts: PackParts, signal: AbortSignal): Promise<void> {
  const failures: Error[] = [];
  failures.push(...(await removeEmpty(parts, signal)));
  for (const packs of togetherOf(await parts.registry.sparsePacks(packBytes / 2))) {
    signal.throwIfAborted();
    if (packs.length === 1 || (await unreadableIn(parts, packs)) !== undefined)
      for (const pack of packs) {
        signal.throwIfAborted();
        const failure = await unreadableIn(parts, [pack]);
        if (failure !== undefined) failures.push(failure);
      }
  }
  failures.push(...(await removeEmpty(parts, signal)));
  const [first] = failures;
  if (first !== undefined) throw new PermanentFailure(first.message, { cause: first });
}

/** Resolves with why packs were not removed. */
async function removeEmpty(
  { registry, store, artifactsUrl }: PackParts,
  signal: AbortSignal,
): Promise<readonly Error[]> {
  const empty = await registry.condemnPacks();
  const uriOf = (pack: string): string => packUri(artifactsUrl, pack);
  const refused = await removeObjects(store, empty.map(uriOf), signal);
  const removed = empty.filter((pack) => !refused.has(uriOf(pack)));
  await registry.forgetPacks(removed, Date.now() - lateMs);
  return [...refused.values()];
}

/** Writes packs together. Resolves with why one of them cannot be read: they stay then. */
async function unreadableIn(parts: PackParts, packs: readonly PackUse[]): Promise<Error | undefined> {
  try {
    await writeTogether(parts, packs);
    return undefined;
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return new Error(`images that spans name cannot be read: ${error.message}`, { cause: error });
  }
}

/** Packs that make one of the usual size; no pack alone that has nothing to lose. */
export function togetherOf(sparse: readonly PackUse[]): readonly (readonly PackUse[])[] {
  const together: PackUse[][] = [];
  let used = Infinity;
  for (const pack of sparse) {
    if (used >= packBytes) {
      together.push([]);
      used = 0;
    }
    together.at(-1)?.push(pack);
    used += pack.used;
  }
  return together.filter((packs) => packs.length > 1 || packs.some((pack) => pack.used < pack.bytes));
}

async function writeTogether(parts: PackParts, packs: readonly PackUse[]): Promise<void> {
  const { registry } = parts;
  const from = new Map<string, string>();
  for (const { pack } of packs) for (const { sha256 } of await registry.imagesIn(pack)) from.set(sha256, pack);
  const images = await contentsOf(parts, [...from.keys()]);
  if (images.length === 0) return;
  await writePack(parts, images, async (to, packed) => {
    for (const { pack } of packs)
      await registry.move(
        pack,
        to,
        packed.filter(({ sha256 }) => from.get(sha256) === pack),
      );
  });
}

/** The images, but for those that a sweep removes meanwhile. */
async function contentsOf(parts: PackParts, digests: readonly string[]): Promise<readonly ImageContent[]> {
  const images: ImageContent[] = [];
  try {
    await new StoredImages(parts).forEach(digests, (sha256, bytes) => {
      // A view would keep all that was read with it.
      images.push({ sha256, bytes: new Uint8Array(bytes) });
    });
    return images;
  } catch (error) {
    if (!(error instanceof ArtifactNotFound)) throw error;
    const named = [...(await parts.registry.find(digests)).keys()];
    if (named.length === digests.length) throw error;
    return contentsOf(parts, named);
  }
}
