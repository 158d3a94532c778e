import { hash } from 'node:crypto';
import { ArtifactNotFound, type ArtifactStore, readBytes } from '@adstocrat/artifact-store';
import { limited } from '../span/limited.ts';
import type { HoldsImages } from './image-marks.ts';
import { ImagePacker } from './image-packer.ts';
import { fileUri } from './unnamed-files.ts';
import type { PackParts } from './write-pack.ts';

/** Files that are read at once. */
const readers = 16;

/**
 * Has images lie in packs that releases before packs kept as a file each: what goes with a sweep is in packs. Who looks for one finds it in
 * the one or the other. A file that is not what its name says stays.
 */
export async function packFiles(parts: PackParts, marks: HoldsImages, digests: readonly string[]): Promise<void> {
  const { store, artifactsUrl } = parts;
  const packer = new ImagePacker(parts, marks, await marks.any());
  const atOnce = limited(readers);
  const packed: string[] = [];
  const pack = async (sha256: string): Promise<void> => {
    const uri = fileUri(artifactsUrl, sha256);
    const bytes = await readIfThere(store, uri);
    if (bytes === undefined || hash('sha256', bytes) !== sha256) return;
    await packer.keep({ sha256, bytes });
    packed.push(uri);
  };
  await Promise.all(digests.map((sha256) => atOnce(() => pack(sha256))));
  await packer.end();
  await Promise.all(packed.map((uri) => atOnce(() => store.remove(uri))));
}

async function readIfThere(store: ArtifactStore, uri: string): Promise<Uint8Array | undefined> {
  try {
    return await readBytes(store, uri);
  } catch (error) {
    if (error instanceof ArtifactNotFound) return undefined;
    throw error;
  }
}
