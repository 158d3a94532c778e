import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArtifactInfo, ArtifactStore, ReadOptions } from '@adstocrat/artifact-store';

/** A file's content: sha256 in hex, and its size. */
export interface FileDigest {
  readonly sha256: string;
  readonly bytes: number;
}

/** Streams an object to a local file, which is whole or absent. */
export async function downloadArtifact(
  store: ArtifactStore,
  uri: string,
  path: string,
  options: ReadOptions & { readonly onBytes?: (bytes: number) => void } = {},
): Promise<FileDigest> {
  const { onBytes, ...read } = options;
  const partial = `${path}.part`;
  const hash = createHash('sha256');
  let length = 0;
  await mkdir(dirname(path), { recursive: true });
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of store.read(uri, read)) {
      hash.update(chunk);
      length += chunk.length;
      onBytes?.(chunk.length);
      yield chunk;
    }
  }
  try {
    await pipeline(counted, createWriteStream(partial));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return { sha256: hash.digest('hex'), bytes: length };
}

/** Streams a local file into a new object. */
export function uploadArtifact(store: ArtifactStore, path: string, uri: string): Promise<ArtifactInfo> {
  return store.create(uri, createReadStream(path, { highWaterMark: 1 << 18 }));
}

/** Digest of a local file. */
export async function fileDigest(path: string): Promise<FileDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { sha256: hash.digest('hex'), bytes };
}
