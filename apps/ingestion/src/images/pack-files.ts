import { hash } from 'node:crypto';
import { ArtifactNotFound, type ArtifactStore, readBytes } from '@adstocrat/artifact-store';
import { StoredImages } from '@adstocrat/stored-images';
import { limited } from '../span/limited.ts';
import type { HoldsImages } from './image-marks.ts';
import { ImagePacker } from './image-packer.ts';
import { removeObjects } from './remove-objects.ts';
import { fileUri, imageFiles } from './unnamed-files.ts';
import { isUnreadable } from './unreadable.ts';
import type { PackParts } from './write-pack.ts';

/** Files that are read at once. */
const readers = 16;
/** Images that are looked up at once. */
const lotImages = 4096;

/** Why files stay, by digest. */
export type LeftFiles = ReadonlyMap<string, Error>;

/**
 * Has images lie in packs that releases before packs kept as a file each: what goes with a sweep is in packs. Who looks for one finds it in
 * the one or the other. A file goes once its image was read from its pack; one that is not what its name says also where `areUnnamed`: no
 * span names them. Resolves with those that stay.
 */
export async function packFiles(
  parts: PackParts,
  marks: HoldsImages,
  digests: readonly string[],
  { areUnnamed }: { readonly areUnnamed: boolean },
): Promise<LeftFiles> {
  const left = new Map<string, Error>();
  if (digests.length === 0 || !(await anyFile(parts))) return left;
  for (let at = 0; at < digests.length; at += lotImages) {
    const { whole, damaged } = await packLot(parts, marks, digests.slice(at, at + lotImages));
    let bad = await unreadable(parts, whole);
    if (bad.length > 0) {
      // The file is the good copy: it is packed anew.
      const places = await parts.registry.find(bad);
      await parts.registry.remove(Array.from(places, ([sha256, { pack }]) => ({ sha256, pack })));
      await packLot(parts, marks, bad);
      bad = await unreadable(parts, bad);
    }
    for (const sha256 of bad) left.set(sha256, leftError(parts, sha256, 'cannot be read from its pack'));
    const going = whole.filter((sha256) => !left.has(sha256));
    const needed = new Set(areUnnamed ? [] : await unreadable(parts, damaged));
    for (const sha256 of damaged)
      if (needed.has(sha256)) left.set(sha256, leftError(parts, sha256, 'is not what its name says'));
      else going.push(sha256);
    const uriOf = (sha256: string): string => fileUri(parts.artifactsUrl, sha256);
    const refused = await removeObjects(parts.store, going.map(uriOf));
    for (const sha256 of going) {
      const why = refused.get(uriOf(sha256));
      if (why !== undefined) left.set(sha256, why);
    }
  }
  return left;
}

/** Whether there is any file of before packs. */
export async function anyFile(parts: Pick<PackParts, 'store' | 'artifactsUrl'>): Promise<boolean> {
  for await (const _ of imageFiles(parts)) return true;
  return false;
}

/** Resolves with those that are in packs, and those whose files are not what their names say. */
async function packLot(
  parts: PackParts,
  marks: HoldsImages,
  digests: readonly string[],
): Promise<{ readonly whole: readonly string[]; readonly damaged: readonly string[] }> {
  const packer = new ImagePacker(parts, marks, await marks.any());
  const atOnce = limited(readers);
  const [whole, damaged]: [string[], string[]] = [[], []];
  const pack = async (sha256: string): Promise<void> => {
    const bytes = await readIfThere(parts.store, fileUri(parts.artifactsUrl, sha256));
    if (bytes === undefined) return;
    const isWhole = hash('sha256', bytes) === sha256;
    if (isWhole) await packer.keep({ sha256, bytes });
    (isWhole ? whole : damaged).push(sha256);
  };
  await Promise.all(digests.map((sha256) => atOnce(() => pack(sha256))));
  await packer.end();
  return { whole, damaged };
}

/** Those of the images that cannot be read from the packs that they are said to lie in. */
async function unreadable(parts: PackParts, digests: readonly string[]): Promise<readonly string[]> {
  const places = await parts.registry.find(digests);
  const images = new StoredImages(parts);
  const bad = digests.filter((sha256) => !places.has(sha256));
  const placed = digests.filter((sha256) => places.has(sha256));
  const atOnce = limited(readers);
  const read = async (some: readonly string[]): Promise<boolean> => {
    try {
      await images.forEach(some, () => undefined);
      return true;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      return false;
    }
  };
  if (await read(placed)) return bad;
  const look = async (sha256: string): Promise<void> => {
    if (!(await read([sha256]))) bad.push(sha256);
  };
  await Promise.all(placed.map((sha256) => atOnce(() => look(sha256))));
  return bad;
}

function leftError({ artifactsUrl }: PackParts, sha256: string, why: string): Error {
  return new Error(`the image file ${fileUri(artifactsUrl, sha256)} stays: it ${why}`);
}

async function readIfThere(store: ArtifactStore, uri: string): Promise<Uint8Array | undefined> {
  try {
    return await readBytes(store, uri);
  } catch (error) {
    if (error instanceof ArtifactNotFound) return undefined;
    throw error;
  }
}
