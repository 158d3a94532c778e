import type { ArtifactStore } from './artifact-store.ts';

/** Whether the store can be read below a URI. What is missing there while it cannot is no damage. */
export async function storeAnswers(store: ArtifactStore, uri: string): Promise<boolean> {
  try {
    await store
      .list(`${uri.replace(/\/+$/, '')}/`)
      [Symbol.asyncIterator]()
      .next();
    return true;
  } catch {
    return false;
  }
}
