import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ArtifactNotFound } from '@adstocrat/artifact-store';
import type { ArtifactStore } from '@adstocrat/artifact-store';

/** An artifact's folder is not what its manifest says. Trying again would not help. */
export class DamagedArtifact extends Error {
  override readonly name = 'DamagedArtifact';
}

/** One JSON object of the store. Throws {@link DamagedArtifact} where it is not there or not JSON. */
export async function readJson(store: ArtifactStore, uri: string): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of store.read(uri)) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new DamagedArtifact(`${uri} is not JSON: ${error.message}`, { cause: error });
    if (error instanceof ArtifactNotFound) throw new DamagedArtifact(`${uri} is missing`, { cause: error });
    throw error;
  }
}

export type ManifestFiles = Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;

/**
 * Copies files of an artifact's folder to a local one. Each must have the size and sha256 that the manifest gives, else
 * {@link DamagedArtifact}. Returns the local paths.
 */
export async function fetchFiles(
  store: ArtifactStore,
  uri: string,
  files: ManifestFiles,
  folder: string,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const [name, expected] of Object.entries(files)) {
    const path = join(folder, name);
    if (normalize(path) !== path || !path.startsWith(folder + sep))
      throw new DamagedArtifact(`${uri} names a file outside of its folder: "${name}"`);
    await mkdir(dirname(path), { recursive: true });
    await fetchFile(store, artifactUri(uri, name), expected, path);
    paths.push(path);
  }
  return paths;
}

/** The URI of a file in an artifact's folder. */
export function artifactUri(folder: string, name: string): string {
  return `${folder.replace(/\/$/, '')}/${name}`;
}

async function fetchFile(
  store: ArtifactStore,
  uri: string,
  expected: ManifestFiles[string],
  path: string,
): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    await pipeline(
      store.read(uri),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          bytes += chunk.byteLength;
          yield chunk;
        }
      },
      createWriteStream(path),
    );
  } catch (error) {
    if (error instanceof ArtifactNotFound) throw new DamagedArtifact(`${uri} is missing`, { cause: error });
    throw new Error(`copying ${uri}`, { cause: error });
  }
  const sha256 = hash.digest('hex');
  if (sha256 !== expected.sha256 || bytes !== expected.bytes) {
    throw new DamagedArtifact(
      `${uri} has ${bytes} bytes with sha256 ${sha256}; its manifest says ${expected.bytes} and ${expected.sha256}`,
    );
  }
}
