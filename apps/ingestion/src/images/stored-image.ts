import { ArtifactNotFound, type ArtifactStore, joinUri } from '@adstocrat/artifact-store';

/** An image in the store, as it was listed. */
export interface StoredImage {
  /** Hex: its name. */
  readonly sha256: string;
  readonly bytes: number;
  readonly generation: string;
}

/** Where images lie. */
export function imageUri(artifactsUrl: string, sha256: string): string {
  return joinUri(artifactsUrl, 'images', sha256);
}

/** Images that were written before a wall time, ascending by digest. What else lies there is none of ours. */
export async function* imagesWrittenBefore(
  store: ArtifactStore,
  artifactsUrl: string,
  beforeMs: number,
): AsyncGenerator<StoredImage> {
  const folder = joinUri(artifactsUrl, 'images', '/');
  try {
    for await (const { uri, bytes, generation, writtenAtMs } of store.list(folder)) {
      const sha256 = uri.slice(folder.length);
      if (/^[0-9a-f]{64}$/.test(sha256) && writtenAtMs < beforeMs) yield { sha256, bytes, generation };
    }
  } catch (error) {
    if (!(error instanceof ArtifactNotFound)) throw error;
  }
}

/** Those of the images that are not named. Both ascending by digest, neither is held in memory. */
export async function* unnamed(
  images: AsyncIterable<StoredImage>,
  named: AsyncIterable<string>,
): AsyncGenerator<StoredImage> {
  const names = named[Symbol.asyncIterator]();
  try {
    let name = await names.next();
    for await (const image of images) {
      while (name.done !== true && name.value < image.sha256) name = await names.next();
      if (name.done === true || name.value !== image.sha256) yield image;
    }
  } finally {
    await names.return?.();
  }
}
