import { z } from 'zod';
import type { Job, JobKind, Jobs, Transaction } from '@adstocrat/jobs';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { fillShard } from './fill-shard.ts';
import { scanShard } from './scan-shard.ts';
import { stagingOf } from './shard-work.ts';

const Payload = z.object({ run: z.string() });

/** A run of ingestion is over, whatever came of it: its shards stop, and their files go. Its key is the run. */
export const endRunJob: JobKind<z.infer<typeof Payload>> = {
  name: 'ingestion.end-run',
  parse: (payload) => Payload.parse(payload),
};

/** In the transaction in which the run ends. */
export async function askToEndRun(jobs: Pick<Jobs, 'request'>, run: string, transaction: Transaction): Promise<void> {
  await jobs.request({ kind: endRunJob, key: run, payload: { run }, by: run }, transaction);
}

export async function endRun(
  dependencies: Pick<IngestDependencies, 'store' | 'artifactsUrl'>,
  jobs: Pick<Jobs, 'live' | 'cancel'>,
  { payload: { run } }: Pick<Job<z.infer<typeof Payload>>, 'payload'>,
): Promise<void> {
  for (const { kind } of [scanShard, fillShard])
    for (const { key } of await jobs.live(kind))
      if (key.startsWith(`${run}/`)) await jobs.cancel(kind, key, 'the span it belongs to is not made any more');
  await dependencies.store.clear(stagingOf(dependencies, run));
}
