import type { DataSchema } from '@adstocrat/data-validation';
import { type Column, type ColumnarBatch, columnOf, rowsOf } from '@adstocrat/examples';
import type { ModelSpec } from '@adstocrat/models';
import type { ServableManifest, WarmUp } from '@adstocrat/servables';
import { CompiledTransform, type ModelInput, type TransformGraph } from '@adstocrat/transforms';
import { GatheredRuns, scoresOfRows } from './gathered-runs.ts';
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
  readonly #runs: GatheredRuns;
  /** Whether rows of several calls may share a run: not before it was seen that none depends on those beside it. */
  #together = false;
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
    this.#runs = new GatheredRuns((inputs) => parts.model.run(inputs), scoresOfRows);
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
   * One probability a row. A row's score does not depend on the rows beside it, those of other calls included. `images`: encoded bytes
   * a row; where there are none the image column's value is looked up. `onInput` hears what the model is given. Throws `BadImage` for
   * bytes that are no image.
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
    const part = (data: Float32Array | Int32Array, width: number, from: number, rows: number) => ({
      data: data.subarray(from * width, (from + rows) * width),
      shape: [rows, width],
    });
    const scores = new Float32Array(batch.rows);
    for (let from = 0; from < batch.rows; from += maxRunRows) {
      const rows = Math.min(maxRunRows, batch.rows - from);
      const given = { ids: part(ids, fields.length, from, rows), dense: part(dense, numbers.length, from, rows) };
      const width = this.#images?.width ?? 0;
      const inputs = vectors === undefined ? given : { ...given, image: part(vectors, width, from, rows) };
      scores.set(await (this.#together ? this.#runs.run(inputs, rows) : this.#model.run(inputs)), from);
    }
    return scores;
  }

  /**
   * Answers the warm-up requests: all at once, then the first rows one by one for the time they take. Where each has the same bits both
   * times, calls share runs from now on; models of before sums had a fixed order have not.
   */
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
    let together = true;
    for (let row = 0; row < Math.min(rows, 32); row += 1) {
      const one = rowsOf(batch, row, row + 1);
      const begin = performance.now();
      const [alone] = await this.score(one);
      times.push(performance.now() - begin);
      together &&= Object.is(alone, answers[row]);
    }
    this.#together = together && times.length > 0;
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
