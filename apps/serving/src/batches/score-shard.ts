import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactFolder, downloadArtifact } from '@adstocrat/artifact-folders';
import { joinUri } from '@adstocrat/artifact-store';
import { type ExampleEngine, type NamedColumn, originColumns, type Relation } from '@adstocrat/example-engine';
import type { Column, ColumnarBatch } from '@adstocrat/examples';
import type { Job } from '@adstocrat/jobs';
import { predictionIdName } from '../infer/names.ts';
import type { Batch, BatchStep } from './batch.ts';
import type { Shard } from './batch-store.ts';
import type { BatchWork } from './batch-work.ts';
import { FailureFile } from './failure-file.ts';
import { batchEngine } from './plan-batch.ts';
import { type Scorer, scoreRows } from './score-rows.ts';

/** Rows that are scored before others have a turn. */
const sliceRows = 256;

/** Columns of a file of results. */
const resultColumns: readonly NamedColumn[] = [
  { name: 'id', type: 'string' },
  { name: 'score', type: 'float' },
  { name: 'file', type: 'string' },
  { name: 'line', type: 'integer' },
];

/** Scores the rows of a shard. Its results are the batch's once this has finished, and nobody's otherwise. */
export async function scoreShard(work: BatchWork, batch: Batch, number: number, job: Job<BatchStep>): Promise<void> {
  const { store, batches, places } = work;
  const [shard, { uri: planned }] = await Promise.all([batches.shard(batch.id, number), batches.plan(batch.id)]);
  if (shard === undefined) return;
  const servable = await work.pinned.of(batch);
  const workDir = join(work.workDir, `shard-${job.attempt}`);
  mkdirSync(workDir, { recursive: true });
  const engine = await work.openEngine({ workDir: join(workDir, 'engine'), ...batchEngine, signal: job.signal });
  try {
    const rowsFile = join(workDir, 'rows.parquet');
    await downloadArtifact(store, joinUri(planned, shard.path), rowsFile);
    const failures = new FailureFile(join(workDir, 'failures.jsonl'));
    const rows = slices(engine, await engine.openParquet([rowsFile]), {
      shard,
      scorer: { servable, personalKeys: work.personalKeys, limits: work.limits },
      idColumn: servable.manifest.roles.id ?? predictionIdName,
      turn: (done) => {
        job.report({ step: 'score', done, total: shard.rows, unit: 'rows' });
        return work.online.turn(job.signal);
      },
      failures,
    });
    await engine.writeParquet(await engine.fromBatches(resultColumns, rows), join(workDir, 'results.parquet'));
    await failures.close();
    const uri = joinUri(places.batch(batch), 'results', `${String(number).padStart(5, '0')}-${job.attempt}`);
    await job.output(uri);
    const folder = await ArtifactFolder.begin(store, uri);
    for (const name of ['results.parquet', 'failures.jsonl']) await folder.put(name, join(workDir, name));
    const failed = failures.rows;
    const scored = shard.rows - failed;
    await folder.finish('shard.json', { version: 1 as const, batch: batch.id, shard: number, scored, failed });
    await job.finish(async (transaction) => {
      if (!(await batches.lockRunning(batch, transaction))) return;
      await batches.scored(
        batch.id,
        number,
        { resultsUri: uri, scored, failed, reasons: failures.reasons },
        transaction,
      );
      await work.requestEnd(batch, transaction);
    });
  } finally {
    await engine.close();
    rmSync(workDir, { recursive: true, force: true });
  }
}

/** The shard's rows with their scores, without those that failed, in order. */
async function* slices(
  engine: ExampleEngine,
  rows: Relation,
  {
    shard,
    scorer,
    idColumn,
    turn,
    failures,
  }: {
    readonly shard: Shard;
    readonly scorer: Scorer;
    readonly idColumn: string;
    readonly turn: (done: number) => Promise<void>;
    readonly failures: FailureFile;
  },
): AsyncGenerator<ColumnarBatch> {
  let done = 0;
  for await (const batch of engine.batches(rows, { batchRows: sliceRows })) {
    await turn(done);
    const columns = new Map(batch.columns);
    const [files, lines] = [columns.get(originColumns.file), columns.get(originColumns.line)];
    const ids = columns.get(idColumn);
    for (const name of Object.values(originColumns)) columns.delete(name);
    const scores = await scoreRows(scorer, { rows: batch.rows, columns });
    const kept = { id: [] as string[], score: [] as number[], file: [] as string[], line: [] as number[] };
    for (const [row, score] of scores.entries()) {
      const place = { file: String(files?.values[row] ?? ''), line: Number(lines?.values[row]) };
      const id = idOf(ids, row, shard.before + done);
      if (typeof score === 'string') await failures.add({ ...place, id, reason: score });
      else {
        kept.id.push(id);
        kept.score.push(score);
        kept.file.push(place.file);
        kept.line.push(place.line);
      }
    }
    done += batch.rows;
    yield {
      rows: kept.id.length,
      columns: new Map<string, Column>([
        ['id', { type: 'string', values: kept.id }],
        ['score', { type: 'float', values: Float64Array.from(kept.score) }],
        ['file', { type: 'string', values: kept.file }],
        ['line', { type: 'integer', values: Float64Array.from(kept.line) }],
      ]),
    };
  }
}

/** A row's id; without one its number among all rows of the batch that could be read, from 1. */
function idOf(column: Column | undefined, row: number, before: number): string {
  const value = column?.values[row];
  return value == null || Number.isNaN(value) ? String(before + row + 1) : String(value);
}
