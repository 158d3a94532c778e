import { z } from 'zod';
import { removeFolder } from '@adstocrat/artifact-folders';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { Job, JobKind } from '@adstocrat/jobs';

/** `root`: the file without which the folder is none. */
const Payload = z.object({ uri: z.string(), root: z.string().default('span.json') });

/** The files of a span, or of a shard, that is no longer recorded go. Its key is the folder. */
export const removeSpanJob: JobKind<z.infer<typeof Payload>> = {
  name: 'ingestion.remove-span',
  parse: (payload) => Payload.parse(payload),
};

/** Done again after a kill it goes on. */
export function removeSpan(
  store: ArtifactStore,
  { payload }: Pick<Job<z.infer<typeof Payload>>, 'payload'>,
): Promise<void> {
  return removeFolder(store, payload.uri, payload.root);
}
