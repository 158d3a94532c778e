import { existsSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { openArtifactStore } from '@adstocrat/adapters/stores';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import { buffersOf, checkServable, checkTensorModel } from '@adstocrat/inference';
import { fetchServable, fetchVersion, keepOnly } from '../fetch-servable.ts';
import { copyVersion } from '../folders/copy-version.ts';
import type { Brought, LoadingAnswer, LoadingJob } from './loading-job.ts';
import { tellError } from './told-error.ts';

// The main of a `LoadingThread`, and with `compose.ts` a place that names adapters: stores cannot be handed over.

// The thread that answers requests comes first where there are few processors. On Linux 0 is this thread, elsewhere the whole process.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);

const stores = new Map<string, Promise<ArtifactStore>>();

parentPort?.on('message', (job: LoadingJob) => {
  answerTo(job).then(
    (answer) => parentPort?.postMessage(answer, transferred(answer)),
    (error: unknown) => parentPort?.postMessage({ failed: tellError(error) } satisfies LoadingAnswer),
  );
});

async function answerTo(job: LoadingJob): Promise<LoadingAnswer> {
  if (job.do === 'bring') return { brought: await bring(job) };
  await keepOnly(job.workDir, job.model, job.wanted);
  return { kept: true };
}

async function bring({ model, wanted, places, from }: LoadingJob & { readonly do: 'bring' }): Promise<Brought> {
  if (from === undefined) {
    const { workDir, neighbours } = places;
    const store = await storeOf(wanted.uri);
    const folder = await fetchServable({ workDir, neighbours, store }, model, wanted);
    return { checked: await checkServable(folder, { digest: wanted.digest }) };
  }
  const folder = await fetchVersion(places, model, wanted, async (to) =>
    copyVersion(await storeOf(from.base), from.base, from.found, to),
  );
  if (existsSync(join(folder, 'servable.json'))) return { checked: await checkServable(folder) };
  const file = join(folder, 'model.onnx');
  return { file, ...(await checkTensorModel(file)) };
}

function storeOf(uri: string): Promise<ArtifactStore> {
  const scheme = uri.slice(0, uri.indexOf(':'));
  let store = stores.get(scheme);
  if (store === undefined) {
    stores.set(scheme, (store = openArtifactStore(uri)));
    store.catch(() => stores.delete(scheme));
  }
  return store;
}

/** What is given away instead of being copied. */
function transferred(answer: LoadingAnswer): ArrayBuffer[] {
  return 'brought' in answer && 'checked' in answer.brought ? buffersOf(answer.brought.checked) : [];
}
