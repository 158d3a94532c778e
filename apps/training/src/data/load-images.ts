import { ofPixels } from '@adstocrat/image-codec';
import type { StoredImages } from '@adstocrat/stored-images';
import { areaResize, type ImageTransform, normalizePixels } from '@adstocrat/transforms';

/** The distinct images of the spans, brought to the transform's size. */
export interface LoadedImages {
  /** sha256 hex → position, in ascending order of the digests. */
  readonly positions: ReadonlyMap<string, number>;
  /** uint8 [count, size, size, 3]. */
  readonly pixels: Uint8Array;
}

/**
 * Reads each distinct image once, in the order of the digests, which is best the one in which they were taken in. Ingestion has checked
 * them, so one that does not decode is an error.
 */
export async function loadImages(options: {
  readonly stored: StoredImages;
  readonly digests: Iterable<string>;
  readonly transform: ImageTransform;
  readonly onProgress: (done: number, total: number) => void;
}): Promise<LoadedImages> {
  const { stored, transform, onProgress } = options;
  const asked = [...new Set(options.digests)];
  const positions = new Map(asked.toSorted().map((digest, position) => [digest, position]));
  const bytesEach = transform.size ** 2 * 3;
  const pixels = new Uint8Array(asked.length * bytesEach);
  let done = 0;
  await stored.forEach(asked, async (sha256, bytes) => {
    const at = (positions.get(sha256) ?? 0) * bytesEach;
    pixels.set(await ofPixels(bytes, (image) => areaResize(image, transform.size)), at);
    onProgress((done += 1), asked.length);
  });
  return { positions, pixels };
}

/** The images as the model takes them: float [count, size, size, 3]. */
export function normalizedImages({ pixels }: LoadedImages, transform: ImageTransform): Float32Array {
  const out = new Float32Array(pixels.length);
  const each = transform.size ** 2 * 3;
  for (let at = 0; at < pixels.length; at += each) normalizePixels(transform, pixels.subarray(at, at + each), out, at);
  return out;
}
