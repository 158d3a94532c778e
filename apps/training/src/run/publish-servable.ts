import { publishFolder } from '@adstocrat/artifact-folders';
import { ArtifactNotFound, type ArtifactStore, joinUri, readJson } from '@adstocrat/artifact-store';
import type { ServableManifest } from '@adstocrat/servables';

/** Copies a servable's folder to its URI, the manifest last: until then there is no servable. */
export function publishServable(
  store: ArtifactStore,
  folder: string,
  uri: string,
  manifest: ServableManifest,
): Promise<void> {
  return publishFolder(store, folder, uri, Object.keys(manifest.files), 'servable.json');
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
