import { z } from 'zod';
import type { JobKind, Jobs, Transaction } from '@adstocrat/jobs';
import type { Deployments, VersionRecord } from '@adstocrat/metadata';
import { overStates } from '@adstocrat/rollouts';

/** Of training's jobs, the version that a run begins from. */
const Run = z.object({ task: z.string(), before: z.object({ version: z.number() }).optional() });
const training: JobKind<z.infer<typeof Run>> = { name: 'train', parse: (payload) => Run.parse(payload) };

/** Of serving's jobs, the version that a batch is scored by; absent where the step needs none. */
const Step = z.object({ batch: z.string(), model: z.string().optional(), version: z.number().optional() });
const batches: JobKind<z.infer<typeof Step>> = { name: 'serving.batch', parse: (payload) => Step.parse(payload) };

const over: ReadonlySet<string> = new Set(overStates);

/**
 * Versions of a model, by number, whose files something may still read, with what: one that is judged or in service, one that the
 * newest deployment names, the one that a rollback returns to, one that a run in progress begins from, or that a batch in progress is
 * scored by. In a transaction that holds the model's lock none is added until its end, but by a run.
 */
export async function neededVersions(
  { metadata, jobs }: { readonly metadata: Deployments; readonly jobs: Pick<Jobs, 'live'> },
  model: string,
  versions: readonly VersionRecord[],
  transaction?: Transaction,
): Promise<ReadonlyMap<number, string>> {
  const needed = new Map<number, string>();
  for (const { key, payload } of await jobs.live(training, transaction)) {
    const { task, before } = training.parse(payload);
    if (task === model && before !== undefined) needed.set(before.version, `run ${key} begins from it`);
  }
  for (const { payload } of await jobs.live(batches, transaction)) {
    const step = batches.parse(payload);
    if (step.model === model && step.version !== undefined)
      needed.set(step.version, `batch ${step.batch} is scored by it`);
  }
  const deployment = await metadata.currentDeployment(model, transaction);
  const stable = deployment?.labels['stable'];
  const before = stable === undefined ? undefined : await metadata.stableBefore(model, stable, transaction);
  if (before !== undefined) needed.set(before, 'a rollback returns to it');
  for (const { version } of [...(deployment?.versions ?? []), ...(deployment?.split ?? [])])
    needed.set(version, 'the newest deployment names it');
  for (const [label, version] of Object.entries(deployment?.labels ?? {}))
    needed.set(version, `it is labelled ${label}`);
  for (const { version, state } of versions) if (!over.has(state)) needed.set(version, `it is ${state}`);
  return needed;
}
