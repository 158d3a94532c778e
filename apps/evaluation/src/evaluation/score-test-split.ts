import { reservedColumns } from '@adstocrat/examples';
import type { ColumnarBatch } from '@adstocrat/examples';
import type { ExampleEngine } from '@adstocrat/example-engine';
import type { ComparedScores } from './compare-scores.ts';
import type { ReadImages, Scorer } from './scorer.ts';
import type { Slicer } from './slice-values.ts';

const batchRows = 1_024;

export interface ScoreTestSplitOptions {
  readonly engine: ExampleEngine;
  /** Local Parquet files of the test split. */
  readonly files: readonly string[];
  readonly candidate: Scorer;
  readonly baseline?: Scorer;
  readonly slicers: readonly Slicer[];
  readonly readImages: ReadImages;
  /** Gives up between two batches. */
  readonly signal: AbortSignal;
}

/** Has candidate and baseline score the very same rows, batch by batch; only scores, labels and slice values stay in memory. */
export async function scoreTestSplit(options: ScoreTestSplitOptions): Promise<ComparedScores> {
  const { engine, candidate, baseline, slicers, readImages, signal } = options;
  const relation = await engine.openParquet(options.files);
  const rows = await engine.count(relation);
  const labels = new Float64Array(rows);
  const candidateScores = new Float64Array(rows);
  const baselineScores = new Float64Array(rows);
  const slices = slicers.map(({ by }) => ({ by, values: new Array<string>() }));
  let done = 0;
  for await (const batch of engine.batches(relation, { batchRows })) {
    signal.throwIfAborted();
    labels.set(labelsOf(batch), done);
    candidateScores.set(await candidate.score(batch, readImages), done);
    if (baseline) baselineScores.set(await baseline.score(batch, readImages), done);
    slicers.forEach((slicer, i) => slices[i]?.values.push(...slicer.valuesOf(batch)));
    done += batch.rows;
  }
  if (done !== rows) throw new Error(`the test split has ${rows} rows and ${done} were read`);
  return { labels, candidate: candidateScores, slices, ...(baseline && { baseline: baselineScores }) };
}

function labelsOf(batch: ColumnarBatch): Float64Array {
  const column = batch.columns.get(reservedColumns.label);
  if (column === undefined || column.type === 'string')
    throw new Error(`the examples have no numeric column "${reservedColumns.label}"`);
  return column.values;
}
