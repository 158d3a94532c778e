import type { Jobs, WorkOptions } from '@adstocrat/jobs';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { askToEndRun, endRun, endRunJob } from '../shards/end-run.ts';
import { fillShard } from '../shards/fill-shard.ts';
import { scanShard } from '../shards/scan-shard.ts';
import { doShardJob } from '../shards/shard-work.ts';
import { batchJob, doBatchJob } from './batch-job.ts';

/** Takes jobs of batch spans and of their shards. Shards are done one at a time: one of them takes as much memory as the engine may. */
export function workOnSpans(
  { dependencies, jobs }: { readonly dependencies: IngestDependencies; readonly jobs: Jobs },
  options: Pick<WorkOptions<unknown>, 'concurrency' | 'removeOutput' | 'dependenciesAnswer'>,
): void {
  jobs.work(
    batchJob,
    { ...options, onFailed: ({ payload }, transaction) => askToEndRun(jobs, payload.run, transaction) },
    (job) => doBatchJob(dependencies, jobs, job),
  );
  const one = { ...options, concurrency: 1 };
  jobs.work(scanShard.kind, one, (job) => doShardJob(scanShard, dependencies, job));
  jobs.work(fillShard.kind, one, (job) => doShardJob(fillShard, dependencies, job));
  jobs.work(endRunJob, one, (job) => endRun(dependencies, jobs, job));
}
