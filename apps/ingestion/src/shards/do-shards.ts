import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { Job, JobProgress, JobRecord, Jobs } from '@adstocrat/jobs';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import type { OnProgress, ShardWork } from './shard-work.ts';
import { FolderRef, WorkFolder } from './work-folder.ts';

/** Wall milliseconds between two looks at the shards' jobs. */
const lookMs = 150;

/** A piece of work with how much of the whole it is. */
export interface Shard<P> {
  readonly payload: P;
  readonly weight: number;
}

/** The run that shards belong to. */
export interface ShardRun {
  readonly dependencies: IngestDependencies;
  readonly jobs: Pick<Jobs, 'request' | 'live' | 'get'>;
  readonly job: Pick<Job<unknown>, 'signal' | 'advanced'>;
  /** The same for every attempt at the span. */
  readonly run: string;
  /** The same for attempts that cut the data into the same shards. */
  readonly layout: string;
  readonly workDir: string;
  readonly onProgress: OnProgress;
}

/**
 * Does the work of every shard and gives their files, in order. One shard is done here; of more each is a job, which any process of
 * ingestion may do: what is done stays done for the attempts to come. Throws as the first that failed did.
 */
export async function doShards<P>(
  { dependencies, jobs, job, run, layout, workDir, onProgress }: ShardRun,
  work: ShardWork<P>,
  shards: readonly Shard<P>[],
  said: { readonly step: string; readonly unit: string },
): Promise<readonly WorkFolder[]> {
  const { store } = dependencies;
  const name = work.kind.name.split('.').at(-1) ?? '';
  const [only] = shards;
  if (only !== undefined && shards.length === 1) {
    const [into, scratch] = [join(workDir, name), join(workDir, `${name}-scratch`)];
    for (const folder of [into, scratch]) mkdirSync(folder, { recursive: true });
    await work.run(dependencies, only.payload, { into, scratch }, { signal: job.signal, onProgress });
    return [new WorkFolder(store, { path: into }, into)];
  }
  const keys = shards.map((_, index) => `${run}/${layout}/${index}`);
  for (const [index, { payload }] of shards.entries())
    await jobs.request({ kind: work.kind, key: keys[index] ?? '', payload, by: run });
  const total = shards.reduce((sum, { weight }) => sum + weight, 0);
  const refs = new Map<string, FolderRef>();
  // A shard that another process takes over begins anew: what is told never goes back.
  const shares = shards.map(() => 0);
  for (;;) {
    job.signal.throwIfAborted();
    const live = new Map((await jobs.live(work.kind)).map((record) => [record.key, record]));
    for (const key of keys) {
      if (refs.has(key) || live.has(key)) continue;
      const record = await jobs.get(work.kind, key);
      if (record?.state === 'succeeded') {
        refs.set(key, FolderRef.parse(record.result));
        await job.advanced();
      } else checkGoesOn(record, key);
    }
    for (const [index, key] of keys.entries())
      shares[index] = refs.has(key) ? 1 : Math.max(shares[index] ?? 0, shareDone(work, live.get(key)?.progress));
    const done = shards.reduce((sum, { weight }, index) => sum + weight * (shares[index] ?? 0), 0);
    onProgress(said.step, Math.round(done), total, said.unit);
    if (refs.size === keys.length) break;
    await sleep(lookMs, undefined, { signal: job.signal });
  }
  return keys.map((key, index) => {
    const ref = refs.get(key);
    if (ref === undefined) throw new Error(`the shard ${key} has no files`);
    return new WorkFolder(store, ref, join(workDir, name, String(index)));
  });
}

function shareDone({ longestStep }: { readonly longestStep: string }, progress: JobProgress | undefined): number {
  if (progress?.step !== longestStep || progress.total === 0) return 0;
  return Math.min(1, progress.done / progress.total);
}

/** Throws where a job that is not live did not end well. It may have begun anew since it was looked at. */
function checkGoesOn(record: JobRecord | undefined, key: string): void {
  if (record === undefined) throw new PermanentFailure(`the shard ${key} was forgotten before its span was written`);
  if (record.state === 'failed') throw new PermanentFailure(record.reason ?? `the shard ${key} failed`);
  if (record.state === 'cancelled')
    throw new PermanentFailure(`the shard ${key} was cancelled: ${record.reason ?? ''}`);
}
