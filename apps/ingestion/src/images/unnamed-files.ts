import { ArtifactNotFound, joinUri } from '@adstocrat/artifact-store';
import { namedImages } from './named-images.ts';
import { unnamed } from './stored-image.ts';
import { type LookAtImages, type LookDependencies, withEngine } from './unnamed-images.ts';

/** An image that a release before packs kept as a file. */
export interface ImageFile {
  readonly sha256: string;
  readonly bytes: number;
}

export const fileUri = (artifactsUrl: string, sha256: string): string => joinUri(artifactsUrl, 'images', sha256);

/**
 * Gives work the image files of before packs that none of the spans names, ascending by digest, but for those that were written within
 * the grace. Undefined where there is no such file, which is told without a look at the spans. Throws `UnreadableSpan`.
 */
export async function withUnnamedFiles<T>(
  dependencies: LookDependencies,
  { spans, graceMs, onSpan, signal }: LookAtImages,
  work: (files: AsyncIterable<ImageFile>) => Promise<T>,
): Promise<T | undefined> {
  const beforeMs = Date.now() - graceMs;
  const first = await imageFiles(dependencies, beforeMs).next();
  if (first.done === true) return undefined;
  return withEngine(dependencies, signal, (engine, folder) =>
    work(unnamed(imageFiles(dependencies, beforeMs), namedImages(dependencies, engine, spans, folder, onSpan))),
  );
}

/** Image files of before packs, ascending by digest; those that were written before a wall time, Unix milliseconds, or all. */
export async function* imageFiles(
  { store, artifactsUrl }: Pick<LookDependencies, 'store' | 'artifactsUrl'>,
  beforeMs?: number,
): AsyncGenerator<ImageFile, void> {
  const prefix = fileUri(artifactsUrl, '/');
  try {
    for await (const { uri, bytes, writtenAtMs } of store.list(prefix)) {
      const sha256 = uri.slice(prefix.length);
      // What comes from here on are packs.
      if (sha256 > 'g') return;
      const isOlder = beforeMs === undefined || writtenAtMs < beforeMs;
      if (isOlder && /^[0-9a-f]{64}$/.test(sha256)) yield { sha256, bytes };
    }
  } catch (error) {
    if (!(error instanceof ArtifactNotFound)) throw error;
  }
}
