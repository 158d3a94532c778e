import type { DataSchema } from '@adstocrat/data-validation';
import { type Column, type ColumnarBatch, columnOf } from '@adstocrat/examples';
import type { ModelSpec } from '@adstocrat/models';
import type { ServableManifest, WarmUp } from '@adstocrat/servables';
import { CompiledTransform, type ModelInput, type TransformGraph } from '@adstocrat/transforms';
import type { ImageVectors } from './image-vectors.ts';
import type { LookupTables } from './lookup-tables.ts';
import { maxRunRows, type OnnxSession } from './onnx-session.ts';
import type { ServableFiles } from './read-servable.ts';

/** What answering the warm-up requests showed. */
export interface WarmUpAnswer {
  readonly warmUpRows: number;
  /** Largest |score − expected|; NaN where there are no rows. */
  readonly largestDifference: number;
  /** Median time of one single-row answer, milliseconds. */
  readonly rowMs: number;
}

/** A servable that answers. Raw columns in, calibrated probabilities out. */
export class LoadedServable {
  readonly manifest: ServableManifest;
  readonly schema: DataSchema;
  readonly transform: TransformGraph;
  readonly spec: ModelSpec;
  readonly warmUp: WarmUp;
  /** Distinct item values of the training examples; undefined where the task has no item. */
  readonly seenItems?: ReadonlySet<string>;
  readonly #compiled: CompiledTransform;
  readonly #tables: LookupTables;
  readonly #model: OnnxSession;
  readonly #images: ImageVectors | undefined;
  readonly #tower: OnnxSession | undefined;

  constructor(
    files: ServableFiles,
    parts: {
      readonly tables: LookupTables;
      readonly model: OnnxSession;
      readonly images?: ImageVectors;
      readonly tower?: OnnxSession;
    },
  ) {
    this.manifest = files.manifest;
    this.schema = files.schema;
    this.transform = files.transform;
    this.spec = files.spec;
    this.warmUp = files.warmUp;
    if (files.seenItems !== undefined) this.seenItems = new Set(files.seenItems);
    this.#compiled = new CompiledTransform(files.transform);
    this.#tables = parts.tables;
    this.#model = parts.model;
    this.#images = parts.images;
    this.#tower = parts.tower;
  }

  /** False where the model reads no images: what is sent of them changes nothing. */
  get takesImages(): boolean {
    return this.#images !== undefined;
  }

  /** True where the value of the image column names an image that travels with the servable. */
  knowsImage(value: string): boolean {
    return this.#images?.knows(value) ?? false;
  }

  /** The batch with the joined tables' columns filled where it leaves them out, by key. */
  fill(batch: ColumnarBatch): ColumnarBatch {
    return this.#tables.fill(batch);
  }

  /**
   * One probability a row. A row's score does not depend on the rows beside it. `images`: encoded bytes a row; where there
   * are none the image column's value is looked up. `onInput` hears what the model is given. Throws `BadImage` for bytes that are no image.
   */
  async score(
    batch: ColumnarBatch,
    images?: readonly (Uint8Array | null | undefined)[],
    onInput?: (input: ModelInput) => void,
  ): Promise<Float32Array> {
    const input = this.#compiled.apply(batch);
    onInput?.(input);
    const { ids, dense } = input;
    const { fields, dense: numbers, image } = this.transform;
    const vectors =
      this.#images === undefined || image === undefined
        ? undefined
        : await this.#images.of(batch.columns.get(image.column), batch.rows, images);
    const scores = new Float32Array(batch.rows);
    const part = (data: Float32Array | Int32Array, width: number, from: number, rows: number) => ({
      data: data.subarray(from * width, (from + rows) * width),
      shape: [rows, width],
    });
    for (let from = 0; from < batch.rows; from += maxRunRows) {
      const rows = Math.min(maxRunRows, batch.rows - from);
      const answer = await this.#model.run({
        ids: part(ids, fields.length, from, rows),
        dense: part(dense, numbers.length, from, rows),
        ...(vectors === undefined ? {} : { image: part(vectors, this.#images?.width ?? 0, from, rows) }),
      });
      scores.set(answer, from);
    }
    return scores;
  }

  /** Answers the warm-up requests: all at once, then the first rows one by one for the time they take. */
  async validate(): Promise<WarmUpAnswer> {
    const { rows, columns, scores } = this.warmUp;
    const batch = this.fill({
      rows,
      columns: new Map(Object.entries(columns).map(([name, values]) => [name, this.#column(name, values)])),
    });
    const answers = await this.score(batch);
    let largestDifference = rows === 0 ? NaN : 0;
    // A score that is not a number stays one: Math.max keeps NaN.
    for (let row = 0; row < rows; row += 1)
      largestDifference = Math.max(largestDifference, Math.abs((answers[row] ?? NaN) - (scores[row] ?? NaN)));
    const times: number[] = [];
    for (let row = 0; row < Math.min(rows, 16); row += 1) {
      const one = rowOf(batch, row);
      const begin = performance.now();
      await this.score(one);
      times.push(performance.now() - begin);
    }
    times.sort((a, b) => a - b);
    return { warmUpRows: rows, largestDifference, rowMs: times[times.length >> 1] ?? NaN };
  }

  async close(): Promise<void> {
    await this.#model.close();
    await this.#tower?.close();
  }

  #column(name: string, values: readonly (string | number | null)[]): Column {
    const type = this.schema.columns.find((column) => column.name === name)?.type ?? 'string';
    return columnOf(type, values);
  }
}

function rowOf(batch: ColumnarBatch, row: number): ColumnarBatch {
  const columns = new Map<string, Column>();
  for (const [name, column] of batch.columns) {
    columns.set(
      name,
      column.type === 'string'
        ? { type: 'string', values: column.values.slice(row, row + 1) }
        : { type: column.type, values: column.values.slice(row, row + 1) },
    );
  }
  return { rows: 1, columns };
}
