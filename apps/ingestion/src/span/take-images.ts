import { hash } from 'node:crypto';
import {
  ArtifactForbidden,
  ArtifactNotFound,
  ArtifactOutside,
  type ArtifactStore,
  ArtifactTooLarge,
  childUri,
  joinUri,
  readBytes,
} from '@adstocrat/artifact-store';
import type { Reject } from '@adstocrat/example-engine';
import { BadImage, ofPixels } from '@adstocrat/image-codec';
import type { ImageRegistry } from '@adstocrat/metadata';
import type { HoldsImages } from '../images/image-marks.ts';
import { ImagePacker } from '../images/image-packer.ts';
import { limited } from './limited.ts';

export interface TakenImages {
  /** Value of the image column → sha256 hex of the file. */
  readonly digests: ReadonlyMap<string, string>;
  readonly rejects: readonly Reject[];
}

const concurrency = 16;
/** One decoded image may take 200 MB, however small its file. */
const decoding = limited(2);
/** Bytes of an image file, at most. */
const maxBytes = 64 << 20;

/**
 * Fetches each image once, checks each distinct content once by decoding it, and keeps its bytes in packs: from then on they stay for as
 * long as the attempt at a span is in progress.
 * An image that is missing, bad, too large or not below the base is set aside with its file and reason; its rows stay, without an
 * image. Values are a stranger's: what lies outside the base is never looked at.
 */
export async function takeImages(options: {
  readonly source: ArtifactStore;
  readonly registry: ImageRegistry;
  readonly sink: ArtifactStore;
  readonly marks: HoldsImages;
  readonly artifactsUrl: string;
  readonly baseUri: string;
  readonly values: readonly string[];
  readonly onProgress: (done: number) => void;
}): Promise<TakenImages> {
  const { source, registry, sink: store, marks, artifactsUrl, baseUri, values, onProgress } = options;
  // What is marked after this look waits for the attempt that this is a part of.
  const packer = new ImagePacker({ registry, store, artifactsUrl }, marks, await marks.any());
  const digests = new Map<string, string>();
  const rejects: Reject[] = [];
  const checked = new Map<string, Promise<void>>();
  let next = 0;
  let done = 0;
  /** What is wrong with the source's image sets it aside. */
  const take = async (value: string): Promise<{ readonly sha256: string; readonly bytes: Uint8Array } | undefined> => {
    try {
      const uri = childUri(baseUri, value);
      if (uri === undefined) throw new ArtifactOutside(value);
      const bytes = await readBytes(source, uri, { within: baseUri, maxBytes });
      const sha256 = hash('sha256', bytes);
      // Pixels are not held: what is remembered of each is that it can be decoded.
      await once(checked, sha256, () => decoding(() => ofPixels(bytes, () => undefined)));
      return { sha256, bytes };
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === undefined) throw error;
      rejects.push({ file: joinUri(baseUri, value), line: 0, reason });
      return undefined;
    }
  };
  const worker = async (): Promise<void> => {
    for (let value = values[next]; value !== undefined; value = values[next]) {
      next += 1;
      const taken = await take(value);
      // What is wrong with the place that they are kept in ends the work: no row loses its image by it.
      if (taken !== undefined) {
        await packer.keep(taken);
        digests.set(value, taken.sha256);
      }
      done += 1;
      onProgress(done);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  await packer.end();
  rejects.sort((a, b) => (a.file < b.file ? -1 : 1));
  return { digests: new Map([...digests].sort(([a], [b]) => (a < b ? -1 : 1))), rejects };
}

/** The work for a key, which is begun once. */
function once<T>(begun: Map<string, Promise<T>>, key: string, work: () => Promise<T>): Promise<T> {
  const known = begun.get(key) ?? work();
  begun.set(key, known);
  return known;
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof BadImage) return `image ${error.message}`;
  if (error instanceof ArtifactNotFound) return 'image missing';
  if (error instanceof ArtifactOutside) return 'image path is not one below the folder of images';
  if (error instanceof ArtifactTooLarge) return `image has more than ${maxBytes} bytes`;
  if (error instanceof ArtifactForbidden) return 'no permission to read the image';
  return undefined;
}
