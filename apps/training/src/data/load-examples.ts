import type { ExampleEngine, Relation } from '@adstocrat/example-engine';
import { type Column, type ColumnarBatch, reservedColumns } from '@adstocrat/examples';
import type { TrainingBatch } from '@adstocrat/tensorflow';
import type { CompiledTransform } from '@adstocrat/transforms';

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
}

const batchRows = 8192;

export interface LoadOptions {
  readonly engine: ExampleEngine;
  readonly relation: Relation;
  readonly transform: CompiledTransform;
  /** sha256 → position, where the model takes images. */
  readonly images?: ReadonlyMap<string, number>;
  readonly onProgress: (done: number, total: number) => void;
}

/** Scans a relation through the transform, a batch at a time, in its order. */
export async function* transformedBatches(options: LoadOptions): AsyncGenerator<LoadedExamples> {
  const { engine, relation, transform, images } = options;
  const { fields, dense } = transform.graph;
  const total = await engine.count(relation);
  const columns = [
    ...transform.columns,
    reservedColumns.label,
    ...(images === undefined ? [] : [reservedColumns.image]),
  ];
  let done = 0;
  for await (const batch of engine.batches(relation, { columns, batchRows })) {
    const labels = Float32Array.from(numeric(batch, reservedColumns.label).values);
    const digests = batch.columns.get(reservedColumns.image)?.values ?? [];
    yield {
      ...transform.apply(batch),
      fields: fields.length,
      denseWidth: dense.length,
      labels,
      ...(images && { images: Int32Array.from(labels, (_, row) => images.get(String(digests[row])) ?? -1) }),
    };
    options.onProgress((done += batch.rows), total);
    await new Promise(setImmediate);
  }
}

/** All rows of a relation in memory, or an even part of them where there are more than `limit`: the first 32, and of the others each so-and-so-manieth. */
export async function loadExamples(options: LoadOptions & { readonly limit?: number }): Promise<LoadedExamples> {
  const { graph } = options.transform;
  const total = await options.engine.count(options.relation);
  const share = Math.min(1, (options.limit ?? Infinity) / Math.max(1, total));
  const isKept = (row: number): boolean => row < always || Math.floor((row + 1) * share) > Math.floor(row * share);
  const room = Math.min(total, Math.ceil(total * share) + always);
  const examples = roomFor(
    room,
    { fields: graph.fields.length, denseWidth: graph.dense.length },
    options.images !== undefined,
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
  withImages: boolean,
): LoadedExamples {
  return {
    rows,
    fields,
    denseWidth,
    ids: new Int32Array(rows * fields),
    dense: new Float32Array(rows * denseWidth),
    labels: new Float32Array(rows),
    ...(withImages && { images: new Int32Array(rows) }),
  };
}

/** Copies neighbouring rows to others. */
export function copyRows(from: LoadedExamples, row: number, rows: number, into: LoadedExamples, to: number): void {
  const { fields, denseWidth } = from;
  into.ids.set(from.ids.subarray(row * fields, (row + rows) * fields), to * fields);
  into.dense.set(from.dense.subarray(row * denseWidth, (row + rows) * denseWidth), to * denseWidth);
  into.labels.set(from.labels.subarray(row, row + rows), to);
  if (from.images !== undefined) into.images?.set(from.images.subarray(row, row + rows), to);
}

function firstRows(examples: LoadedExamples, rows: number): LoadedExamples {
  const { fields, denseWidth, ids, dense, labels, images } = examples;
  return {
    rows,
    fields,
    denseWidth,
    ids: ids.subarray(0, rows * fields),
    dense: dense.subarray(0, rows * denseWidth),
    labels: labels.subarray(0, rows),
    ...(images && { images: images.subarray(0, rows) }),
  };
}

/** Rows of loaded examples, by position, as one batch. */
export function takeRows(
  examples: LoadedExamples,
  positions: Int32Array,
): { readonly batch: TrainingBatch; readonly labels: Float32Array } {
  const { fields, denseWidth } = examples;
  const rows = positions.length;
  const ids = new Int32Array(rows * fields);
  const dense = new Float32Array(rows * denseWidth);
  const labels = new Float32Array(rows);
  const images = examples.images === undefined ? undefined : new Int32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const from = positions[row] ?? 0;
    for (let field = 0; field < fields; field += 1) ids[row * fields + field] = examples.ids[from * fields + field]!;
    for (let input = 0; input < denseWidth; input += 1)
      dense[row * denseWidth + input] = examples.dense[from * denseWidth + input]!;
    labels[row] = examples.labels[from]!;
    if (images !== undefined) images[row] = examples.images![from]!;
  }
  return { batch: { rows, ids, dense, ...(images === undefined ? {} : { images }) }, labels };
}

function numeric(batch: ColumnarBatch, name: string): Extract<Column, { readonly values: Float64Array }> {
  const column = batch.columns.get(name);
  if (column === undefined || column.type === 'string')
    throw new Error(`the examples have no numeric column "${name}"`);
  return column;
}
