import { z } from 'zod';
import { ArtifactNotFound, type ArtifactStore, joinUri } from '@adstocrat/artifact-store';
import type { Job, JobKind } from '@adstocrat/jobs';

/** `root`: the file without which the folder is none. */
const Payload = z.object({ uri: z.string(), root: z.string().default('span.json') });

/** The files of a span, or of a shard, that is no longer recorded go. Its key is the folder. */
export const removeSpanJob: JobKind<z.infer<typeof Payload>> = {
  name: 'ingestion.remove-span',
  parse: (payload) => Payload.parse(payload),
};

/** Removes the root first: what is read meanwhile is not there, never half there. Done again after a kill it goes on. */
export async function removeSpan(
  store: ArtifactStore,
  { payload }: Pick<Job<z.infer<typeof Payload>>, 'payload'>,
): Promise<void> {
  try {
    await store.remove(joinUri(payload.uri, payload.root));
  } catch (error) {
    if (!(error instanceof ArtifactNotFound)) throw error;
  }
  await store.clear(payload.uri);
}
