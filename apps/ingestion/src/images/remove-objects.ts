import { ArtifactForbidden, type ArtifactStore } from '@adstocrat/artifact-store';
import { limited } from '../span/limited.ts';

/** What is said of an object, or a folder, that the store does not let go. */
export const refusedRemoval = (uri: string): string =>
  `the store does not let ${uri} be removed: permission to delete is needed there`;

/** Objects that are removed at a time. */
const removals = 16;

/** Removes objects that hold images. Resolves with why some of them stay, by URI: those that the store does not let go. */
export async function removeObjects(
  store: ArtifactStore,
  uris: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Error>> {
  const atOnce = limited(removals);
  const refused = new Map<string, Error>();
  const remove = async (uri: string): Promise<void> => {
    signal?.throwIfAborted();
    try {
      await store.remove(uri);
    } catch (error) {
      if (!(error instanceof ArtifactForbidden)) throw error;
      refused.set(uri, new Error(refusedRemoval(uri), { cause: error }));
    }
  };
  await Promise.all(uris.map((uri) => atOnce(() => remove(uri))));
  return refused;
}
