import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArtifactInfo, ArtifactStore } from '@adstocrat/artifact-store';

/** Streams an object to a local file, which is whole or absent. Returns its sha256 in hex. */
export async function downloadArtifact(
  store: ArtifactStore,
  uri: string,
  path: string,
  options: { readonly generation?: string; readonly onBytes?: (bytes: number) => void } = {},
): Promise<string> {
  const partial = `${path}.part`;
  const hash = createHash('sha256');
  await mkdir(dirname(path), { recursive: true });
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of store.read(
      uri,
      options.generation === undefined ? {} : { generation: options.generation },
    )) {
      hash.update(chunk);
      options.onBytes?.(chunk.length);
      yield chunk;
    }
  }
  try {
    await pipeline(counted, createWriteStream(partial));
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
  return hash.digest('hex');
}

/** Streams a local file into a new object. */
export function uploadArtifact(store: ArtifactStore, path: string, uri: string): Promise<ArtifactInfo> {
  return store.create(uri, createReadStream(path, { highWaterMark: 1 << 18 }));
}

/** sha256 in hex and size of a local file. */
export async function fileDigest(path: string): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { sha256: hash.digest('hex'), bytes };
}
