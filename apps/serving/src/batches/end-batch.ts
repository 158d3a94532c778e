import { ArtifactExists, createText, joinUri, readJson } from '@adstocrat/artifact-store';
import { type FailureReason, FailureReasons } from '@adstocrat/examples';
import type { Job } from '@adstocrat/jobs';
import { topics } from '@adstocrat/schemas';
import type { Batch, BatchStep } from './batch.ts';
import type { BatchWork } from './batch-work.ts';

/** `results.json`, which names everything that came of a batch. URIs are whole. */
export interface BatchResults {
  readonly version: 1;
  readonly batch: string;
  readonly model: string;
  readonly modelVersion: number;
  /** Of the servable. */
  readonly digest: string;
  readonly rows: number;
  readonly scored: number;
  readonly failed: number;
  /** Parquet: id, score, file, line. In the order of the rows. */
  readonly results: readonly string[];
  /** A JSON object a line: file, line, reason, and the id where there is one. */
  readonly failures: readonly string[];
  /** Why rows failed, the most frequent first, with the place of the first. */
  readonly reasons: readonly FailureReason[];
  /** What is unlike the rows that the version learned from, values that could not be read, ids that are missing or there twice: a sentence each. */
  readonly odd: readonly string[];
}

/** Names the results in one file, and says that the batch has ended. */
export async function endBatch(work: BatchWork, batch: Batch, job: Job<BatchStep>): Promise<void> {
  const { store, batches, places } = work;
  const plan = await batches.plan(batch.id);
  const shards = await batches.results(batch.id);
  const { odd = [] } = await readJson<Partial<Pick<BatchResults, 'odd'>>>(store, joinUri(plan.uri, 'plan.json'));
  const reasons = new FailureReasons();
  reasons.addAll(plan.reasons);
  for (const shard of shards) reasons.addAll(shard.reasons);
  const sum = (of: 'scored' | 'failed'): number => shards.reduce((total, shard) => total + shard[of], 0);
  const [scored, failed] = [sum('scored'), sum('failed') + plan.rejected];
  const results: BatchResults = {
    version: 1,
    batch: batch.id,
    model: batch.model,
    modelVersion: batch.version,
    digest: batch.digest,
    rows: scored + failed,
    scored,
    failed,
    results: shards.map(({ resultsUri }) => joinUri(resultsUri, 'results.parquet')),
    failures: [
      ...(plan.rejected > 0 ? [joinUri(plan.uri, 'failures.jsonl')] : []),
      ...shards.filter((shard) => shard.failed > 0).map(({ resultsUri }) => joinUri(resultsUri, 'failures.jsonl')),
    ],
    reasons: reasons.list,
    odd,
  };
  const resultsUri = joinUri(places.batch(batch), 'results.json');
  await createText(store, resultsUri, `${JSON.stringify(results, null, 2)}\n`).catch((error: unknown) => {
    // An attempt before this one wrote it and died: what it says follows from what is recorded, and is the same.
    if (!(error instanceof ArtifactExists)) throw error;
  });
  await job.finish(async (transaction) => {
    if (!(await batches.lockRunning(batch, transaction))) return;
    await batches.end(batch.id, { state: 'succeeded', resultsUri }, transaction);
    await work.request(batch, 'sweep', transaction);
    await transaction.publish(topics.batchEnded, [
      ended(batch, { outcome: 'succeeded', reason: '', rowsScored: scored, rowsFailed: failed, resultsUri, odd }),
    ]);
  });
}

/** The event of a batch's end, of which its transaction says one. */
export function ended(
  { id, model, version }: Batch,
  end: {
    readonly outcome: 'succeeded' | 'failed';
    readonly reason: string;
    readonly rowsScored: number;
    readonly rowsFailed: number;
    readonly resultsUri: string;
    readonly odd: readonly string[];
  },
) {
  const event = { batchId: id, model, version, ...end, odd: [...end.odd], endedAtMs: Date.now() };
  return { key: model, source: 'serving', event };
}
