import { ArtifactNotFound, type ArtifactStore, joinUri } from '@adstocrat/artifact-store';

/**
 * Removes an artifact's folder, its root file first: what is read meanwhile is not there, never half there. Done again after a kill it
 * goes on; a folder that is gone is as good.
 */
export async function removeFolder(store: ArtifactStore, uri: string, root: string): Promise<void> {
  try {
    await store.remove(joinUri(uri, root));
  } catch (error) {
    if (!(error instanceof ArtifactNotFound)) throw error;
  }
  await store.clear(uri);
}

/** Bytes of all that lies in a folder; 0 where it is gone. */
export async function folderBytes(store: ArtifactStore, uri: string): Promise<number> {
  let sum = 0;
  try {
    for await (const { bytes } of store.list(`${uri}/`)) sum += bytes;
  } catch (error) {
    if (!(error instanceof ArtifactNotFound)) throw error;
  }
  return sum;
}
