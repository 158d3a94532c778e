import { createHash } from 'node:crypto';
import {
  ArtifactExists,
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
import { BadImage, decodeRgb } from '@adstocrat/image-codec';
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
 * Fetches each image once, checks each distinct content once by decoding it, and keeps its bytes at `<artifacts>/images/<sha256>`.
 * An image that is missing, bad, too large or not below the base is set aside with its file and reason; its rows stay, without an
 * image. Values are a stranger's: what lies outside the base is never looked at.
 */
export async function takeImages(options: {
  readonly source: ArtifactStore;
  readonly sink: ArtifactStore;
  readonly artifactsUrl: string;
  readonly baseUri: string;
  readonly values: readonly string[];
  readonly onProgress: (done: number) => void;
}): Promise<TakenImages> {
  const { source, sink, artifactsUrl, baseUri, values, onProgress } = options;
  const digests = new Map<string, string>();
  const rejects: Reject[] = [];
  const checked = new Map<string, Promise<void>>();
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let value = values[next]; value !== undefined; value = values[next]) {
      next += 1;
      try {
        const uri = childUri(baseUri, value);
        if (uri === undefined) throw new ArtifactOutside(value);
        const bytes = await readBytes(source, uri, { within: baseUri, maxBytes });
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        let check = checked.get(sha256);
        if (check === undefined) {
          check = keep(sink, joinUri(artifactsUrl, 'images', sha256), bytes);
          checked.set(sha256, check);
        }
        await check;
        digests.set(value, sha256);
      } catch (error) {
        const reason = reasonOf(error);
        if (reason === undefined) throw error;
        rejects.push({ file: joinUri(baseUri, value), line: 0, reason });
      }
      done += 1;
      onProgress(done);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  rejects.sort((a, b) => (a.file < b.file ? -1 : 1));
  return { digests: new Map([...digests].sort(([a], [b]) => (a < b ? -1 : 1))), rejects };
}

async function keep(sink: ArtifactStore, uri: string, bytes: Uint8Array): Promise<void> {
  await decoding(() => decodeRgb(bytes));
  try {
    await sink.create(uri, [bytes]);
  } catch (error) {
    // The same content, kept by an earlier span.
    if (!(error instanceof ArtifactExists)) throw error;
  }
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof BadImage) return `image ${error.message}`;
  if (error instanceof ArtifactNotFound) return 'image missing';
  if (error instanceof ArtifactOutside) return 'image path is not one below the folder of images';
  if (error instanceof ArtifactTooLarge) return `image has more than ${maxBytes} bytes`;
  if (error instanceof ArtifactForbidden) return 'no permission to read the image';
  return undefined;
}
