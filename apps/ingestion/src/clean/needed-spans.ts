import { z } from 'zod';
import type { JobKind, Jobs } from '@adstocrat/jobs';
import type { Deployments, Runs, SpanRecord, Studies, Versions } from '@adstocrat/metadata';
import { overStates } from '@adstocrat/rollouts';

/** Of training's jobs, what names their spans. */
const Payload = z.object({ task: z.string(), spans: z.array(z.number()) });
const training: JobKind<z.infer<typeof Payload>> = { name: 'train', parse: (payload) => Payload.parse(payload) };
/** Of training's trials, what names their study. */
const Trial = z.object({ study: z.string() });
const tuning: JobKind<z.infer<typeof Trial>> = { name: 'tune', parse: (payload) => Trial.parse(payload) };

/** States of versions that nobody looks at the spans of any more. */
const over: ReadonlySet<string> = new Set(overStates);

/**
 * Spans of a task, by number, that something may still read, with what: the next model, a version that is judged or in service, the one
 * that a rollback returns to, a run or a study in progress.
 */
export async function neededSpans(
  { metadata, jobs }: { readonly metadata: Versions & Runs & Deployments & Studies; readonly jobs: Pick<Jobs, 'live'> },
  task: string,
  spans: readonly SpanRecord[],
): Promise<ReadonlyMap<number, string>> {
  const needed = new Map<number, string>();
  const need = (numbers: readonly number[], by: string): void => {
    for (const number of numbers) needed.set(number, by);
  };
  const newest = spans.findLast(({ kind, ready }) => kind === 'batch' && ready)?.span ?? -Infinity;
  need(
    spans.map(({ span }) => span).filter((span) => span >= newest),
    'the next model may be trained on it',
  );
  const [versions, runs, deployment] = await Promise.all([
    metadata.listVersions(task),
    metadata.listRuns(task),
    metadata.currentDeployment(task),
  ]);
  const stable = deployment?.labels['stable'];
  const before = stable === undefined ? undefined : await metadata.stableBefore(task, stable);
  const known = new Set(versions.map(({ version }) => version));
  for (const { id, made, spans: own } of runs)
    if (made !== undefined && !known.has(made.version)) need(own, `run ${id}, which evaluation has not heard of yet`);
  for (const { version, state, spans: own } of versions) {
    if (!over.has(state)) need(own, `version ${version}, which is ${state}`);
    else if (version === before) need(own, `version ${version}, which a rollback returns to`);
  }
  for (const { key, payload } of await jobs.live(training)) {
    const run = training.parse(payload);
    if (run.task === task) need(run.spans, `run ${key}, which is in progress`);
  }
  for (const id of new Set((await jobs.live(tuning)).map(({ payload }) => tuning.parse(payload).study))) {
    const study = await metadata.getStudy(id);
    if (study?.task === task) need(study.spans, `study ${id}, which is in progress`);
  }
  return needed;
}
