import { evenPart } from '../data/even-part.ts';
import type { LoadedExamples } from '../data/load-examples.ts';
import type { RowsInOrder } from '../data/training-rows.ts';
import type { Turns } from '../pairs/turns.ts';
import { mostBins, binEdges, binOf } from './bins.ts';

/** What trees look at of a row: its numbers, those of its image's vector, then a number for each of its ids. */
export interface TreeReader {
  readonly width: number;
  /** How far values of a number must be apart for an edge to come between them. */
  apartOf(number: number): number;
  /** Puts a row's numbers into `out`. */
  read(examples: LoadedExamples, row: number, out: Float32Array): void;
}

/** Rows in bins, number by number: `bins[number][row]` is how many of the number's edges the row's is above. */
export interface BinnedRows {
  readonly rows: number;
  readonly bins: readonly Uint8Array[];
  readonly labels: Float32Array;
  /** How much a row counts. */
  readonly weights: Float32Array;
  /** What is said of each row without trees. */
  readonly logits: Float32Array;
}

export interface BinnedTraining extends BinnedRows {
  /** Of each number, ascending. */
  readonly edges: readonly Float32Array[];
}

/** Rows that edges are found by, and numbers of those, at most. */
const [mostEdgeRows, mostEdgeNumbers] = [50_000, 2 ** 23] as const;

/** An even part of the training rows, at most `limit`, in bins of their own. */
export async function binTraining(
  train: RowsInOrder,
  of: {
    readonly reader: TreeReader;
    readonly logitsOf: (examples: LoadedExamples) => Float32Array;
    readonly limit: number;
    readonly turns: Turns;
  },
): Promise<BinnedTraining> {
  const { reader, logitsOf, limit, turns } = of;
  const keeps = evenPart(train.rows, limit);
  const edgeKeeps = evenPart(
    train.rows,
    Math.min(limit, mostEdgeRows, Math.ceil(mostEdgeNumbers / Math.max(1, reader.width))),
  );
  const columns = Array.from({ length: reader.width }, () => [] as number[]);
  const one = new Float32Array(reader.width);
  let read = 0;
  for await (const part of train.parts()) {
    for (let row = 0; row < part.rows; row += 1) {
      if (!edgeKeeps(read + row)) continue;
      reader.read(part, row, one);
      for (const [at, column] of columns.entries()) column.push(one[at]!);
      if (turns.areDue(reader.width)) await turns.take();
    }
    read += part.rows;
    await turns.take();
  }
  const edges: Float32Array[] = [];
  for (const [at, column] of columns.entries()) {
    edges.push(binEdges(Float32Array.from(column), mostBins, reader.apartOf(at)));
    if (turns.areDue(column.length)) await turns.take();
  }
  const rows = Math.min(train.rows, limit);
  const binned = roomFor(rows, reader.width);
  let at = 0;
  read = 0;
  for await (const part of train.parts()) {
    const logits = logitsOf(part);
    for (let row = 0; row < part.rows; row += 1) {
      if (!keeps(read + row)) continue;
      put(binned, at, part, row, { reader, edges, one, logit: logits[row]! });
      at += 1;
      if (turns.areDue(reader.width)) await turns.take();
    }
    read += part.rows;
    await turns.take();
  }
  return { ...binned, edges };
}

/** Examples in the bins of the training rows. */
export async function binExamples(
  examples: LoadedExamples,
  of: {
    readonly reader: TreeReader;
    readonly edges: readonly Float32Array[];
    readonly logits: Float32Array;
    readonly turns: Turns;
  },
): Promise<BinnedRows> {
  const { reader, edges, logits, turns } = of;
  const binned = roomFor(examples.rows, reader.width);
  const one = new Float32Array(reader.width);
  for (let row = 0; row < examples.rows; row += 1) {
    put(binned, row, examples, row, { reader, edges, one, logit: logits[row]! });
    if (turns.areDue(reader.width)) await turns.take();
  }
  return binned;
}

function roomFor(rows: number, width: number): BinnedRows {
  return {
    rows,
    bins: Array.from({ length: width }, () => new Uint8Array(rows)),
    labels: new Float32Array(rows),
    weights: new Float32Array(rows).fill(1),
    logits: new Float32Array(rows),
  };
}

function put(
  into: BinnedRows,
  at: number,
  from: LoadedExamples,
  row: number,
  of: {
    readonly reader: TreeReader;
    readonly edges: readonly Float32Array[];
    readonly one: Float32Array;
    readonly logit: number;
  },
): void {
  of.reader.read(from, row, of.one);
  for (const [number, bins] of into.bins.entries()) bins[at] = binOf(of.edges[number]!, of.one[number]!);
  into.labels[at] = from.labels[row]!;
  if (from.weights !== undefined) into.weights[at] = from.weights[row]!;
  into.logits[at] = of.logit;
}
