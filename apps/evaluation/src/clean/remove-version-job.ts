import { z } from 'zod';
import { removeFolder } from '@adstocrat/artifact-folders';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { Job, JobKind } from '@adstocrat/jobs';

/** `uri`: the servable's folder; `evaluations`: that of all that evaluations of the version wrote. */
const Payload = z.object({ uri: z.string(), evaluations: z.string() });

/** The files of a version go, whose record says that they are gone. Its key is the servable's folder. */
export const removeVersionJob: JobKind<z.infer<typeof Payload>> = {
  name: 'evaluation.remove-version',
  parse: (payload) => Payload.parse(payload),
};

/** Done again after a kill it goes on. */
export async function removeVersion(
  store: ArtifactStore,
  { payload }: Pick<Job<z.infer<typeof Payload>>, 'payload'>,
): Promise<void> {
  await removeFolder(store, payload.uri, 'servable.json');
  await store.clear(payload.evaluations);
}
