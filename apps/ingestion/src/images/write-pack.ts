import { ArtifactForbidden, ArtifactNotFound, type ArtifactStore } from '@adstocrat/artifact-store';
import { type ImageRegistry, type PackedImage, PackGone } from '@adstocrat/metadata';
import { packUri } from '@adstocrat/stored-images';
import type { IngestDependencies } from '../ingest-dependencies.ts';

/** A store that finds nothing where it writes has no place, a bucket that is not there, say. */
const mostTries = 5;

/** An image and what it is made of. */
export interface ImageContent {
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

export interface PackParts {
  readonly registry: ImageRegistry;
  readonly store: ArtifactStore;
  readonly artifactsUrl: string;
}

/** What packs stand on, of what ingestion does. */
export function packParts({
  metadata,
  store,
  artifactsUrl,
}: Pick<IngestDependencies, 'metadata' | 'store' | 'artifactsUrl'>): PackParts {
  return { registry: metadata.images, store, artifactsUrl };
}

/**
 * Writes images as one object, one after the other, and then has `say` record what lies where in it. Done anew, as another object, where a
 * sweep took it for one that was left behind.
 */
export async function writePack(
  { registry, store, artifactsUrl }: PackParts,
  images: readonly ImageContent[],
  say: (pack: string, images: readonly PackedImage[]) => Promise<void>,
): Promise<void> {
  let end = 0;
  const packed = images.map(({ sha256, bytes }) => {
    end += bytes.length;
    return { sha256, offset: end - bytes.length, bytes: bytes.length };
  });
  for (let tries = 1; ; tries += 1) {
    const pack = await registry.beginPack(end);
    const uri = packUri(artifactsUrl, pack);
    const contents = images.map(({ bytes }) => bytes);
    try {
      await store.create(uri, contents);
      await say(pack, packed);
      return;
    } catch (error) {
      // Whoever condemned it may have removed it while it was written, or before, and looks for it no more.
      if (!(error instanceof PackGone || (error instanceof ArtifactNotFound && tries < mostTries))) throw error;
      await store.remove(uri).catch((left: unknown) => {
        if (!(left instanceof ArtifactForbidden)) throw left;
      });
    }
  }
}
