import { type ArtifactStore, joinUri } from '@adstocrat/artifact-store';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { ExampleEngine } from '@adstocrat/example-engine';
import type { Job, Jobs, JobWorker, Transaction } from '@adstocrat/jobs';
import { topics } from '@adstocrat/schemas';
import type { PersonalKeys } from '@adstocrat/service-kit';
import type { InferenceLimits } from '../infer/admit.ts';
import { type Batch, type BatchPlaces, batchJob, type BatchStatus, type BatchStep, stepKey } from './batch.ts';
import type { BatchStore } from './batch-store.ts';
import { endBatch, ended } from './end-batch.ts';
import type { OnlineFirst } from './online-first.ts';
import type { PinnedServable } from './pinned-servable.ts';
import { planBatch } from './plan-batch.ts';
import { scoreShard } from './score-shard.ts';
import type { Sources } from './sources.ts';

export interface BatchWorkParts {
  readonly jobs: Jobs;
  readonly batches: BatchStore;
  readonly places: BatchPlaces;
  readonly sources: Sources;
  readonly store: ArtifactStore;
  readonly pinned: PinnedServable;
  readonly personalKeys: PersonalKeys;
  readonly limits: InferenceLimits;
  readonly online: OnlineFirst;
  /** Of a shard, at most. */
  readonly shardRows: number;
  /** What it writes there is cleared at the start. */
  readonly workDir: string;
  readonly openEngine: (options: {
    readonly workDir: string;
    readonly threads: number;
    readonly memoryLimit: string;
    readonly signal: AbortSignal;
  }) => Promise<ExampleEngine>;
  readonly dependenciesAnswer: () => Promise<boolean>;
}

/** Which batch a step is of. */
export type BatchName = Pick<Batch, 'id' | 'run'>;

/** Which batch a step is of that its version scores. */
export type ScoredBatch = Pick<Batch, 'id' | 'run' | 'model' | 'version'>;

/** What the steps of batches work with. */
export interface BatchWork extends BatchWorkParts {
  /** Asks for a step that needs no servable, in the transaction that makes it possible. */
  request(batch: BatchName, step: 'sweep' | 'remove', transaction?: Transaction): Promise<void>;
  /** Asks for the plan, in the transaction that begins the batch. */
  requestPlan(batch: ScoredBatch, transaction: Transaction): Promise<void>;
  /** Asks for every shard that is not scored, or for the end. */
  requestOpen(batch: ScoredBatch, transaction: Transaction): Promise<void>;
  /** Asks for the end where every shard is scored. */
  requestEnd(batch: ScoredBatch, transaction: Transaction): Promise<void>;
}

/** Asks for steps of batches: each is one job. */
export function stepRequests(
  jobs: Jobs,
  batches: BatchStore,
  by = 'serving',
): Pick<BatchWork, 'request' | 'requestPlan' | 'requestOpen' | 'requestEnd'> {
  const ask = async (payload: BatchStep, transaction?: Transaction): Promise<void> => {
    await jobs.request({ kind: batchJob, key: stepKey(payload), payload, by }, transaction);
  };
  const scored = ({ id, run, model, version }: ScoredBatch) => ({ batch: id, run, model, version });
  const end = (batch: ScoredBatch, transaction: Transaction): Promise<void> =>
    ask({ ...scored(batch), step: 'end' }, transaction);
  return {
    request: ({ id, run }, step, transaction) => ask({ batch: id, run, step }, transaction),
    requestPlan: (batch, transaction) => ask({ ...scored(batch), step: 'plan' }, transaction),
    requestOpen: async (batch, transaction) => {
      const open = await batches.open(batch.id, transaction);
      for (const shard of open) await ask({ ...scored(batch), step: 'shard', shard }, transaction);
      if (open.length === 0) await end(batch, transaction);
    },
    requestEnd: async (batch, transaction) => {
      if ((await batches.open(batch.id, transaction)).length === 0) await end(batch, transaction);
    },
  };
}

/** Does steps of batches, one at a time, until it is stopped. */
export function workOnBatches(parts: BatchWorkParts): JobWorker {
  const { jobs, batches, store, dependenciesAnswer } = parts;
  const work: BatchWork = { ...parts, ...stepRequests(jobs, batches) };
  return jobs.work(
    batchJob,
    {
      concurrency: 1,
      dependenciesAnswer,
      removeOutput: (uri) => store.clear(uri),
      onFailed: async ({ payload: { batch: id, run, step }, reason }, transaction) => {
        if (step === 'sweep' || step === 'remove' || !(await batches.lockRunning({ id, run }, transaction))) return;
        const batch = await batches.find(id, transaction);
        await batches.end(id, { state: 'failed', reason }, transaction);
        if (batch === undefined) return;
        const { scored, failed, odd } = batch;
        const end = { outcome: 'failed', reason, rowsScored: scored, rowsFailed: failed, resultsUri: '', odd } as const;
        await transaction.publish(topics.batchEnded, [ended(batch, end)]);
      },
    },
    async (job) => {
      const batch = await batches.find(job.payload.batch);
      if (batch?.run === job.payload.run) await doStep(work, batch, job);
    },
  );
}

async function doStep(work: BatchWork, batch: BatchStatus, job: Job<BatchStep>): Promise<void> {
  const { step, shard } = job.payload;
  const over = batch.state !== 'running';
  switch (step) {
    case 'plan':
      return over ? undefined : planBatch(work, batch, job);
    case 'shard':
      if (shard === undefined) throw new PermanentFailure('a step "shard" names its shard');
      return over ? undefined : scoreShard(work, batch, shard, job);
    case 'end':
      return over ? undefined : endBatch(work, batch, job);
    case 'sweep':
      return sweep(work, batch);
    case 'remove':
      return remove(work, batch, job);
  }
}

/** Removes copies of rows that are scored. */
async function sweep({ store, places, batches }: BatchWork, batch: BatchStatus): Promise<void> {
  const { uri } = await batches.plan(batch.id);
  await store.clear(places.input(batch));
  if (uri === '') return;
  for await (const file of store.list(`${uri}/`)) if (file.uri.endsWith('.parquet')) await store.remove(file.uri);
}

/** Removes everything of a batch, and what was stored for it. */
async function remove({ store, places, batches }: BatchWork, batch: BatchStatus, job: Job<BatchStep>): Promise<void> {
  if (batch.state === 'running') throw new PermanentFailure(`batch ${batch.id} goes on`);
  for (const file of await batches.taken(batch.id)) await store.remove(file.uri);
  await store.clear(joinUri(places.batch(batch)));
  await job.finish((transaction) => batches.forget(batch.id, transaction));
}
