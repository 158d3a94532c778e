import type { ExampleEngine, Relation } from '@adstocrat/example-engine';
import { type Column, type ColumnarBatch, reservedColumns, rowsAt } from '@adstocrat/examples';
import type { CompiledTransform } from '@adstocrat/transforms';
import { evenPart } from './even-part.ts';
import type { LabelledBatch } from './training-rows.ts';
import { keptRows, type RowRule, ruleColumns, weightsOf } from './row-rule.ts';

/** Transformed examples in memory: 4 bytes a field and a dense input, 5 a row besides. */
export interface LoadedExamples {
  readonly rows: number;
  readonly fields: number;
  readonly denseWidth: number;
  readonly ids: Int32Array;
  readonly dense: Float32Array;
  readonly labels: Float32Array;
  /** Position of the row's image, −1 without one; absent where the model takes none. */
  readonly images?: Int32Array;
  /** How much a row counts; absent where all count alike. */
  readonly weights?: Float32Array;
}

/** What rows have besides ids, numbers and a label. */
export interface RowExtras {
  readonly images: boolean;
  readonly weights: boolean;
}

export const noExtras: RowExtras = { images: false, weights: false };

const batchRows = 8192;

export interface LoadOptions {
  readonly engine: ExampleEngine;
  readonly relation: Relation;
  readonly transform: CompiledTransform;
  /** sha256 → position, where the model takes images. */
  readonly images?: ReadonlyMap<string, number>;
  /** How much rows count, and which are left out; absent: all alike, and none. */
  readonly rule?: RowRule;
  readonly onProgress: (done: number, total: number) => void;
}

/** Scans a relation through the transform, a batch at a time, in its order. */
export async function* transformedBatches(options: LoadOptions): AsyncGenerator<LoadedExamples> {
  const { engine, relation, transform, images, rule } = options;
  const { fields, dense } = transform.graph;
  const total = await engine.count(relation);
  const columns = [
    ...transform.columns,
    reservedColumns.label,
    ...(images === undefined ? [] : [reservedColumns.image]),
    ...(rule === undefined ? [] : ruleColumns(rule)),
  ];
  let done = 0;
  for await (const whole of engine.batches(relation, { columns: [...new Set(columns)], batchRows })) {
    const kept = rule && keptRows(rule, numeric(whole, reservedColumns.label).values, done);
    const batch = kept === undefined ? whole : rowsAt(whole, kept);
    const weights = rule && weightsOf(rule, batch);
    const labels = Float32Array.from(numeric(batch, reservedColumns.label).values);
    const digests = batch.columns.get(reservedColumns.image)?.values ?? [];
    yield {
      ...transform.apply(batch),
      fields: fields.length,
      denseWidth: dense.length,
      labels,
      ...(images && { images: Int32Array.from(labels, (_, row) => images.get(String(digests[row])) ?? -1) }),
      ...(weights && { weights }),
    };
    options.onProgress((done += whole.rows), total);
    await new Promise(setImmediate);
  }
}

/** All rows of a relation in memory, or an even part of them where there are more than `limit`: the first 32, and of the others each so-and-so-manieth. */
export async function loadExamples(options: LoadOptions & { readonly limit?: number }): Promise<LoadedExamples> {
  const { graph } = options.transform;
  const total = await options.engine.count(options.relation);
  const share = Math.min(1, (options.limit ?? Infinity) / Math.max(1, total));
  const isEven = evenPart(total, options.limit ?? Infinity);
  const isKept = (row: number): boolean => row < always || isEven(row);
  const room = Math.min(total, Math.ceil(total * share) + always);
  const examples = roomFor(
    room,
    { fields: graph.fields.length, denseWidth: graph.dense.length },
    { images: options.images !== undefined, weights: options.rule?.weighted === true },
  );
  let [read, rows] = [0, 0];
  for await (const batch of transformedBatches(options)) {
    for (let from = 0; from < batch.rows;) {
      let take = 0;
      while (from + take < batch.rows && isKept(read + from + take)) take += 1;
      copyRows(batch, from, take, examples, rows);
      rows += take;
      from += take + 1;
    }
    read += batch.rows;
  }
  return firstRows(examples, rows);
}

/** Rows that are kept of however many: the warm-up shows their scores. */
const always = 32;

/** Examples of zeros. */
export function roomFor(
  rows: number,
  { fields, denseWidth }: Pick<LoadedExamples, 'fields' | 'denseWidth'>,
  extras: RowExtras,
): LoadedExamples {
  return {
    rows,
    fields,
    denseWidth,
    ids: new Int32Array(rows * fields),
    dense: new Float32Array(rows * denseWidth),
    labels: new Float32Array(rows),
    ...(extras.images && { images: new Int32Array(rows) }),
    ...(extras.weights && { weights: new Float32Array(rows) }),
  };
}

/** Copies neighbouring rows to others. */
export function copyRows(from: LoadedExamples, row: number, rows: number, into: LoadedExamples, to: number): void {
  const { fields, denseWidth } = from;
  into.ids.set(from.ids.subarray(row * fields, (row + rows) * fields), to * fields);
  into.dense.set(from.dense.subarray(row * denseWidth, (row + rows) * denseWidth), to * denseWidth);
  into.labels.set(from.labels.subarray(row, row + rows), to);
  if (from.images !== undefined) into.images?.set(from.images.subarray(row, row + rows), to);
  if (from.weights !== undefined) into.weights?.set(from.weights.subarray(row, row + rows), to);
}

/** The first of the rows, in the same memory. */
export function firstRows(examples: LoadedExamples, rows: number): LoadedExamples {
  const { fields, denseWidth, ids, dense, labels, images, weights } = examples;
  return {
    rows,
    fields,
    denseWidth,
    ids: ids.subarray(0, rows * fields),
    dense: dense.subarray(0, rows * denseWidth),
    labels: labels.subarray(0, rows),
    ...(images && { images: images.subarray(0, rows) }),
    ...(weights && { weights: weights.subarray(0, rows) }),
  };
}

/** Rows of loaded examples, by position, as one batch. */
export function takeRows(examples: LoadedExamples, positions: Int32Array): LabelledBatch {
  const { fields, denseWidth } = examples;
  const rows = positions.length;
  const ids = new Int32Array(rows * fields);
  const dense = new Float32Array(rows * denseWidth);
  const labels = new Float32Array(rows);
  const images = examples.images === undefined ? undefined : new Int32Array(rows);
  const weights = examples.weights === undefined ? undefined : new Float32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const from = positions[row] ?? 0;
    for (let field = 0; field < fields; field += 1) ids[row * fields + field] = examples.ids[from * fields + field]!;
    for (let input = 0; input < denseWidth; input += 1)
      dense[row * denseWidth + input] = examples.dense[from * denseWidth + input]!;
    labels[row] = examples.labels[from]!;
    if (images !== undefined) images[row] = examples.images![from]!;
    if (weights !== undefined) weights[row] = examples.weights![from]!;
  }
  return { batch: { rows, ids, dense, ...(images && { images }) }, labels, ...(weights && { weights }) };
}

function numeric(batch: ColumnarBatch, name: string): Extract<Column, { readonly values: Float64Array }> {
  const column = batch.columns.get(name);
  if (column === undefined || column.type === 'string')
    throw new Error(`the examples have no numeric column "${name}"`);
  return column;
}
