import { createHash, type Hash } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Column, ColumnarBatch } from '@adstocrat/examples';
import { CompiledTransform, GraphFitter, type ModelInput, type TransformGraph } from '@adstocrat/transforms';
import { clickLogFeatures, everyOperation, sampleRows } from '@adstocrat/transforms/testing';
import { atMost, type BenchReport, median } from './bench-report.ts';

const batchRows = 8192;
/** Rows that are timed one by one at most. */
const oneByOne = 200_000;

/**
 * What the feature transform costs on one core, 1M rows (`--rows N`) of 20 columns: fitting, applying in batches of 8192, applying row by row as a
 * server does. CPU of this process, rows made outside of it. And by SHA-256, with every operation: batches and single rows give the same
 * bytes, and so does the graph read back from its JSON. No peer runs in Node.
 */
export function transforms(args: readonly string[]): BenchReport {
  const { values } = parseArgs({ args: [...args], options: { rows: { type: 'string', default: '1000000' } } });
  const rows = Number(values.rows);
  if (!(rows >= batchRows)) throw new RangeError(`--rows is a number of at least ${batchRows}, got "${values.rows}"`);
  const fit = measure();
  const graph = fitted(clickLogFeatures(), rows, fit);
  const transform = new CompiledTransform(graph);
  for (let pass = 0; pass < 3; pass += 1) transform.apply(sampleRows(0, batchRows));
  const batchUs: number[] = [];
  for (let from = 0; from < rows; from += batchRows) {
    const batch = sampleRows(from, Math.min(batchRows, rows - from));
    const timer = measure();
    timer.run(() => transform.apply(batch));
    batchUs.push(timer.us() / batch.rows);
  }
  const rowUs: number[] = [];
  for (let from = 0; from + batchRows <= Math.min(rows, oneByOne); from += batchRows) {
    const singles = singleRows(sampleRows(from, batchRows));
    const timer = measure();
    timer.run(() => {
      for (const single of singles) transform.apply(single);
    });
    rowUs.push(timer.us() / batchRows);
  }
  const same = digestsAgree(fitted(everyOperation(), rows, measure()), rows);
  const rowsPerSecond = 1e6 / median(batchUs);
  return {
    bench: 'transforms',
    figures: {
      rows,
      columns: 20,
      slots: graph.fields.length,
      dims: graph.dense.length,
      fitUsARow: fit.us() / rows,
      batchUsARow: median(batchUs),
      rowsPerSecondAndCore: rowsPerSecond,
      singleRowUs: median(rowUs),
      everyOperationDigestsAgree: same ? 1 : 0,
    },
    peers: {},
    bars: [
      atMost('µs a row in batches: 300,000 rows a second and core', median(batchUs), 1e6 / 300_000),
      atMost('µs for one row', median(rowUs), 15),
      atMost('rows that differ between batches and single rows', same ? 0 : 1, 0),
    ],
  };
}

function fitted(features: ReturnType<typeof everyOperation>, rows: number, timer: Measure): TransformGraph {
  const fitter = new GraphFitter({ features, dropped: new Map() });
  for (let from = 0; from < rows; from += batchRows) {
    const batch = sampleRows(from, Math.min(batchRows, rows - from));
    timer.run(() => {
      fitter.add(batch);
    });
  }
  let graph: TransformGraph | undefined;
  timer.run(() => {
    graph = fitter.finish().graph;
  });
  return graph!;
}

/** SHA-256 of all ids and numbers: in batches, and row by row by the graph that a servable would hold. */
function digestsAgree(graph: TransformGraph, rows: number): boolean {
  const batches = createHash('sha256');
  const singles = createHash('sha256');
  const trainer = new CompiledTransform(graph);
  const server = new CompiledTransform(JSON.parse(JSON.stringify(graph)) as TransformGraph);
  for (let from = 0; from < rows; from += batchRows) {
    const batch = sampleRows(from, Math.min(batchRows, rows - from));
    update(batches, trainer.apply(batch), batch.rows);
    for (const single of singleRows(batch)) update(singles, server.apply(single), 1);
  }
  const [first, second] = [batches.digest('hex'), singles.digest('hex')];
  console.error(`${rows} rows, every operation: sha256 ${first} in batches, ${second} row by row`);
  return first === second;
}

/** A row's ids, then its numbers: the same bytes whatever the batch. */
function update(hash: Hash, { ids, dense }: ModelInput, count: number): void {
  const [idBytes, denseBytes] = [ids, dense].map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  ) as [Uint8Array, Uint8Array];
  for (let row = 0; row < count; row += 1)
    for (const bytes of [idBytes, denseBytes])
      hash.update(bytes.subarray((row * bytes.length) / count, ((row + 1) * bytes.length) / count));
}

function singleRows({ rows: count, columns }: ColumnarBatch): readonly ColumnarBatch[] {
  return Array.from({ length: count }, (_, row) => ({
    rows: 1,
    columns: new Map(
      [...columns].map(([name, column]): [string, Column] => [
        name,
        column.type === 'string'
          ? { type: 'string', values: column.values.slice(row, row + 1) }
          : { type: column.type, values: column.values.slice(row, row + 1) },
      ]),
    ),
  }));
}

interface Measure {
  run(work: () => void): void;
  /** CPU of all runs. */
  us(): number;
}

function measure(): Measure {
  let spent = 0;
  return {
    run(work) {
      const before = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(before);
      spent += user + system;
    },
    us: () => spent,
  };
}
