import { z } from 'zod';
import { removeFolder } from '@adstocrat/artifact-folders';
import { ArtifactForbidden, type ArtifactStore } from '@adstocrat/artifact-store';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { Job, JobKind } from '@adstocrat/jobs';
import { refusedRemoval } from '../images/remove-objects.ts';

/** `root`: the file without which the folder is none. */
const Payload = z.object({ uri: z.string(), root: z.string().default('span.json') });

/** The files of a span, or of a shard, that is no longer recorded go. Its key is the folder. */
export const removeSpanJob: JobKind<z.infer<typeof Payload>> = {
  name: 'ingestion.remove-span',
  parse: (payload) => Payload.parse(payload),
};

/** Done again after a kill it goes on. Throws a `PermanentFailure` where the store does not let the folder go. */
export async function removeSpan(
  store: ArtifactStore,
  { payload: { uri, root } }: Pick<Job<z.infer<typeof Payload>>, 'payload'>,
): Promise<void> {
  try {
    await removeFolder(store, uri, root);
  } catch (error) {
    if (!(error instanceof ArtifactForbidden)) throw error;
    throw new PermanentFailure(refusedRemoval(uri), { cause: error });
  }
}
