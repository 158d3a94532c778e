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

/** Scans a relation through the transform. */
export async function loadExamples(options: {
  readonly engine: ExampleEngine;
  readonly relation: Relation;
  readonly transform: CompiledTransform;
  /** sha256 → position, where the model takes images. */
  readonly images?: ReadonlyMap<string, number>;
  readonly onProgress: (done: number, total: number) => void;
}): Promise<LoadedExamples> {
  const { engine, relation, transform } = options;
  const { fields, dense } = transform.graph;
  const rows = await engine.count(relation);
  const ids = new Int32Array(rows * fields.length);
  const numbers = new Float32Array(rows * dense.length);
  const labels = new Float32Array(rows);
  const images = options.images === undefined ? undefined : new Int32Array(rows).fill(-1);
  const columns = [
    ...transform.columns,
    reservedColumns.label,
    ...(images === undefined ? [] : [reservedColumns.image]),
  ];
  let done = 0;
  for await (const batch of engine.batches(relation, { columns, batchRows })) {
    const input = transform.apply(batch);
    ids.set(input.ids, done * fields.length);
    numbers.set(input.dense, done * dense.length);
    labels.set(numeric(batch, reservedColumns.label).values, done);
    if (images !== undefined) {
      const values = batch.columns.get(reservedColumns.image)?.values ?? [];
      for (let row = 0; row < batch.rows; row += 1) images[done + row] = options.images?.get(String(values[row])) ?? -1;
    }
    done += batch.rows;
    options.onProgress(done, rows);
    await new Promise(setImmediate);
  }
  const loaded = { rows, fields: fields.length, denseWidth: dense.length, ids, dense: numbers, labels };
  return images === undefined ? loaded : { ...loaded, images };
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
