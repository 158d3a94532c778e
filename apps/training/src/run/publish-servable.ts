import { join } from 'node:path';
import { uploadArtifact } from '@adstocrat/adapters';
import { ArtifactNotFound, type ArtifactStore, joinUri, readJson } from '@adstocrat/artifact-store';
import type { ServableManifest } from '@adstocrat/servables';

/**
 * Copies a servable's folder to its URI, the manifest last: until then there is no servable. What an interrupted attempt left
 * is removed first.
 */
export async function publishServable(
  store: ArtifactStore,
  folder: string,
  uri: string,
  manifest: ServableManifest,
): Promise<void> {
  try {
    for await (const left of store.list(`${uri}/`)) await store.remove(left.uri);
  } catch (error) {
    // No folder yet, as it should be.
    if (!(error instanceof ArtifactNotFound)) throw error;
  }
  for (const name of [...Object.keys(manifest.files), 'servable.json'])
    await uploadArtifact(store, join(folder, name), joinUri(uri, name));
}

/** The servable of a run, where an attempt that was killed afterwards had finished it. */
export async function publishedServable(
  store: ArtifactStore,
  uri: string,
  runId: string,
): Promise<ServableManifest | undefined> {
  try {
    const manifest = await readJson<ServableManifest>(store, joinUri(uri, 'servable.json'));
    return manifest.runId === runId ? manifest : undefined;
  } catch (error) {
    if (error instanceof ArtifactNotFound) return undefined;
    throw error;
  }
}
