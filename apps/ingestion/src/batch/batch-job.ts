import { z } from 'zod';
import { PermanentFailure } from '@adstocrat/event-bus';
import { BadData } from '@adstocrat/example-engine';
import type { Job, JobKind, Jobs } from '@adstocrat/jobs';
import { diskFull, InvalidRequest } from '@adstocrat/service-kit';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { refused } from '../shards/shard-work.ts';
import { writeBatchSpan } from './write-batch-span.ts';

const Payload = z.object({
  taskYaml: z.string(),
  dataUri: z.string(),
  inputDigest: z.string(),
  /** Names the shards' work: of one that failed and is asked for again nothing is taken up. */
  run: z.string(),
});
export type BatchRequest = z.infer<typeof Payload>;

/** A drop of files becomes a span. Its key is the input's digest: the same data asked for twice is one job. */
export const batchJob: JobKind<BatchRequest> = {
  name: 'ingestion.batch-span',
  parse: (payload) => Payload.parse(payload),
};

/** Does one attempt. What is wrong with the data, and a full disk, fails the job for good. */
export async function doBatchJob(
  dependencies: IngestDependencies,
  jobs: Pick<Jobs, 'request' | 'live' | 'get'>,
  job: Job<BatchRequest>,
): Promise<void> {
  try {
    await writeBatchSpan(dependencies, jobs, job.payload, job);
  } catch (error) {
    if (error instanceof InvalidRequest || error instanceof BadData)
      throw new PermanentFailure(`${refused}${error.message}`, { cause: error });
    // Whoever asked is told at once, and asks again when there is room.
    const full = diskFull(error);
    throw full === undefined ? error : new PermanentFailure(full, { cause: error });
  }
}

/** The failure of a job for whoever asked for it. */
export function failureOf(reason = 'its job is gone'): Error {
  if (reason.startsWith(refused)) return new InvalidRequest(reason.slice(refused.length));
  return new Error(`the data was not ingested: ${reason}`);
}
