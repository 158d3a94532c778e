import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
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
  try {
    const file = await open(partial, 'w');
    try {
      for await (const chunk of store.read(uri, { ...read, isPassing: true })) {
        hash.update(chunk);
        length += chunk.length;
        await file.writeFile(chunk);
        onBytes?.(chunk.length);
      }
    } finally {
      await file.close();
    }
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

/** The same, and the digest of what was streamed: the file is read once. */
export async function uploadDigested(store: ArtifactStore, path: string, uri: string): Promise<FileDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* digested(): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  await store.create(uri, digested());
  return { sha256: hash.digest('hex'), bytes };
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
