import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openArtifactStore } from '@adstocrat/adapters';
import { downloadArtifact, fileDigest, uploadArtifact } from '@adstocrat/artifact-folders';
import { ArtifactExists, type ArtifactStore, joinUri, readJson } from '@adstocrat/artifact-store';
import type { ExampleEngine } from '@adstocrat/example-engine';
import type { FailureReason } from '@adstocrat/examples';
import { type batches, serving } from '@adstocrat/schemas';
import { ExitError } from '../exit-error.ts';
import type { Progress } from '../progress.ts';
import { callWhenUp } from '../system/calls.ts';
import type { SystemInUse } from './system-for.ts';

/** What of `results.json` is read here: serving writes it. */
export interface BatchOutcome {
  readonly scored: number;
  readonly failed: number;
  /** URIs of Parquet files, in the order of the rows. */
  readonly results: readonly string[];
  readonly reasons: readonly FailureReason[];
  /** Absent from a batch that an earlier version of serving planned. */
  readonly odd?: readonly string[];
}

export interface PredictBatchOptions {
  readonly model: string;
  readonly version: number;
  /** Absolute. */
  readonly path: string;
  /** What it is called in messages. */
  readonly name: string;
  readonly allowMissing: boolean;
  /** Of a CSV without a header line. */
  readonly columns: readonly string[];
}

/** Wall milliseconds between two questions. */
const askMs = 500;

/**
 * Has serving score a file as a batch. Its id follows from what is asked for and from what is in the file: a command that is ended and
 * given again goes on where it was. Throws {@link ExitError} with the reason where the batch fails.
 */
export async function predictBatch(
  system: SystemInUse,
  { model, version, path, name, allowMissing, columns }: PredictBatchOptions,
  progress: Progress,
): Promise<BatchOutcome> {
  const store = await openArtifactStore(system.artifactsUrl);
  const { sha256 } = await fileDigest(path);
  const asked = JSON.stringify([model, version, allowMissing, basename(path), sha256, ...columns]);
  const batchId = createHash('sha256').update(asked).digest('hex').slice(0, 32);
  const folder = joinUri(system.artifactsUrl, 'batches', encodeURIComponent(model), batchId, 'input');
  const sourceUri = joinUri(folder, encodeURIComponent(basename(path)));
  progress.update('upload', 0, 0);
  await uploadArtifact(store, path, sourceUri).catch((error: unknown) => {
    if (!(error instanceof ArtifactExists)) throw error;
  });
  const target = serving.Target.create({ model, version: BigInt(version) });
  const request = { batchId, target, sourceUri, allowMissing, columns: [...columns] };
  await callWhenUp<batches.BeginBatchResponse>((done) => system.clients.batches.beginBatch(request, done));
  const { state, reason, resultsUri } = await untilEnded(system, batchId, progress);
  // What was read is its copy.
  if (state === 'failed') throw new ExitError(1, reason.replaceAll(sourceUri, name));
  const outcome = await readJson<BatchOutcome>(store, resultsUri);
  return { ...outcome, odd: (outcome.odd ?? []).map((sentence) => sentence.replaceAll(sourceUri, name)) };
}

async function untilEnded(system: SystemInUse, batchId: string, progress: Progress): Promise<batches.Batch> {
  const begunMs = performance.now();
  let before: number | undefined;
  for (; ; await sleep(askMs)) {
    const { batch } = await callWhenUp<batches.GetBatchResponse>((done) =>
      system.clients.batches.getBatch({ batchId }, done),
    );
    if (batch === undefined) throw new ExitError(1, `serving says nothing of batch ${batchId}`);
    if (batch.state !== 'running') return batch;
    const [rows, done] = [Number(batch.rows), Number(batch.rowsScored + batch.rowsFailed)];
    before ??= done;
    progress.update('predict', done, rows, paceOf(done - before, rows - done, (performance.now() - begunMs) / 1000));
  }
}

/** For people: `12,000 rows/s, 40 s left`; empty before the first rows are done. */
export function paceOf(done: number, left: number, seconds: number): string {
  if (done <= 0 || seconds <= 0) return '';
  const rate = done / seconds;
  return `${Math.round(rate).toLocaleString('en')} rows/s, ${Math.ceil(left / rate).toLocaleString('en')} s left`;
}

/** The rows' ids and scores, in the order of the rows; a file at a time lies in `workDir`. */
export async function* scoresOf(
  store: ArtifactStore,
  engine: ExampleEngine,
  { results }: BatchOutcome,
  workDir: string,
): AsyncGenerator<{ readonly ids: readonly string[]; readonly scores: ArrayLike<number> }> {
  const path = join(workDir, `batch-${process.pid}.parquet`);
  try {
    for (const uri of results) {
      await downloadArtifact(store, uri, path);
      for await (const { columns } of engine.batches(await engine.openParquet([path]), { columns: ['id', 'score'] })) {
        const [ids, scores] = [columns.get('id'), columns.get('score')];
        if (ids?.type === 'string' && scores !== undefined && scores.type !== 'string')
          yield { ids: ids.values.map(String), scores: scores.values };
      }
    }
  } finally {
    rmSync(path, { force: true });
  }
}
