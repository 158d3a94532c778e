import { type ArtifactStore, joinUri, readBytes } from '@adstocrat/artifact-store';
import { ofPixels } from '@adstocrat/image-codec';
import { areaResize, type ImageTransform, normalizePixels } from '@adstocrat/transforms';

/** The distinct images of the spans, brought to the transform's size. */
export interface LoadedImages {
  /** sha256 hex → position, in the order of the digests. */
  readonly positions: ReadonlyMap<string, number>;
  /** uint8 [count, size, size, 3]. */
  readonly pixels: Uint8Array;
}

const concurrency = 8;

/** Reads each distinct image once. Ingestion has checked them, so one that does not decode is an error. */
export async function loadImages(options: {
  readonly store: ArtifactStore;
  readonly artifactsUrl: string;
  readonly digests: Iterable<string>;
  readonly transform: ImageTransform;
  readonly onProgress: (done: number, total: number) => void;
}): Promise<LoadedImages> {
  const { store, artifactsUrl, transform, onProgress } = options;
  const distinct = [...new Set(options.digests)].sort();
  const bytesEach = transform.size ** 2 * 3;
  const pixels = new Uint8Array(distinct.length * bytesEach);
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let position = next++; position < distinct.length; position = next++) {
      const bytes = await readBytes(store, joinUri(artifactsUrl, 'images', distinct[position] ?? ''));
      pixels.set(await ofPixels(bytes, (image) => areaResize(image, transform.size)), position * bytesEach);
      onProgress((done += 1), distinct.length);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { positions: new Map(distinct.map((digest, position) => [digest, position])), pixels };
}

/** The images as the model takes them: float [count, size, size, 3]. */
export function normalizedImages({ pixels }: LoadedImages, transform: ImageTransform): Float32Array {
  const out = new Float32Array(pixels.length);
  const each = transform.size ** 2 * 3;
  for (let at = 0; at < pixels.length; at += each) normalizePixels(transform, pixels.subarray(at, at + each), out, at);
  return out;
}
