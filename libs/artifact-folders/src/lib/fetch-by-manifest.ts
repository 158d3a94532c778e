import { mkdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { ArtifactNotFound, type ArtifactStore, joinUri, readJson } from '@adstocrat/artifact-store';
import { digestOf } from './artifact-folder.ts';
import { downloadArtifact, type FileDigest } from './transfer.ts';

/** An artifact's folder is not what its root file says, or the root not what was registered. Trying again does not help. */
export class DamagedArtifact extends Error {
  override readonly name = 'DamagedArtifact';
}

/** Path in the folder → sha256 hex and size. */
export type ManifestFiles = Readonly<Record<string, FileDigest>>;

/**
 * Copies files of an artifact's folder to a local one, in the order given, and returns their local paths. Each must have the size
 * and sha256 that its root file names, else throws {@link DamagedArtifact}; so does a name that leaves the folder.
 */
export async function fetchByManifest(
  store: ArtifactStore,
  uri: string,
  files: ManifestFiles,
  folder: string,
  onBytes?: (bytes: number) => void,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const [name, expected] of Object.entries(files)) {
    if (isAbsolute(name) || normalize(name) !== name || /^\.\.(\/|$)/.test(name))
      throw new DamagedArtifact(`${uri} names a file outside of its folder: "${name}"`);
    const path = join(folder, name);
    const found = await missingIsDamage(() =>
      downloadArtifact(store, joinUri(uri, name), path, onBytes === undefined ? {} : { onBytes }),
    );
    if (found.sha256 !== expected.sha256 || found.bytes !== expected.bytes)
      throw new DamagedArtifact(
        `${joinUri(uri, name)} has ${found.bytes} bytes with sha256 ${found.sha256}; its manifest says ${expected.bytes} and ${expected.sha256}`,
      );
    paths.push(path);
  }
  return paths;
}

/**
 * Copies an artifact's whole folder to a local one, its root file last. Throws {@link DamagedArtifact} as {@link fetchByManifest} and
 * {@link readRoot} do.
 */
export async function fetchFolder(
  store: ArtifactStore,
  uri: string,
  rootName: string,
  registered: string,
  folder: string,
): Promise<void> {
  const root = await readRoot<{ readonly digest: string; readonly files: ManifestFiles }>(
    store,
    uri,
    rootName,
    registered,
  );
  await fetchByManifest(store, uri, root.files, folder);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, rootName), JSON.stringify(root));
}

/**
 * An artifact's root file. Throws {@link DamagedArtifact} where it is not there, or its digest is not that of its content, or not
 * the one that was registered. The caller names the type that the writer documents.
 */
export async function readRoot<T extends { readonly digest: string }>(
  store: ArtifactStore,
  uri: string,
  name: string,
  registered?: string,
): Promise<T> {
  const at = joinUri(uri, name);
  const root = await missingIsDamage(() => readJson<T>(store, at));
  const { digest, ...undigested } = root;
  if (digestOf(undigested) !== digest) throw new DamagedArtifact(`${at} does not have the digest that it names`);
  if (registered !== undefined && digest !== registered)
    throw new DamagedArtifact(`${at} has the digest ${digest}, registered is ${registered}`);
  return root;
}

async function missingIsDamage<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ArtifactNotFound) throw new DamagedArtifact(`${error.uri} is missing`, { cause: error });
    throw error;
  }
}
