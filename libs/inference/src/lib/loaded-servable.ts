import type { DataSchema } from '@adstocrat/data-validation';
import { type Column, type ColumnarBatch, columnOf, rowsOf } from '@adstocrat/examples';
import type { ModelSpec } from '@adstocrat/models';
import type { ServableManifest, WarmUp } from '@adstocrat/servables';
import type { CompiledTransform, ModelInput, TransformGraph } from '@adstocrat/transforms';
import { DamagedServable } from './damaged-servable.ts';
import { GatheredRuns, scoresOfRows } from './gathered-runs.ts';
import type { ImageVectors, SentFor } from './image-vectors.ts';
import type { LookupTables } from './lookup-tables.ts';
import { maxRunRows, type ModelSession } from './onnx-session.ts';
import type { ServableFiles } from './read-servable.ts';

/** What answering the warm-up requests showed. */
export interface WarmUpAnswer {
  readonly warmUpRows: number;
  /** What each row was answered among all others. */
  readonly scores: Float32Array;
  /** What the first row was answered alone; undefined where there are no rows. */
  readonly firstAlone: number | undefined;
  /** True where rows have the same bits alone and among others: calls may share a run. */
  readonly sharesRuns: boolean;
  /** Largest |score − expected|; NaN where there are no rows. */
  readonly largestDifference: number;
  /** Median time of one single-row answer, milliseconds. */
  readonly rowMs: number;
}

/** What scoring may tell and be told. */
export interface ScoreOptions extends SentFor {
  /** Hears what the model is given. */
  readonly onInput?: (input: ModelInput) => void;
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
  readonly #model: ModelSession;
  readonly #runs: GatheredRuns;
  /** Whether rows of several calls may share a run: not before it was seen that none depends on those beside it. */
  #together = false;
  readonly #images: ImageVectors | undefined;
  readonly #tower: ModelSession | undefined;

  constructor(
    files: ServableFiles,
    parts: {
      readonly compiled: CompiledTransform;
      readonly tables: LookupTables;
      readonly model: ModelSession;
      readonly images?: ImageVectors;
      readonly tower?: ModelSession;
    },
  ) {
    this.manifest = files.manifest;
    this.schema = files.schema;
    this.transform = files.transform;
    this.spec = files.spec;
    this.warmUp = files.warmUp;
    if (files.seenItems !== undefined) this.seenItems = new Set(files.seenItems);
    this.#compiled = parts.compiled;
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

  /** Columns of requests that the model reads: all but those that its transform fixes. */
  get columns(): readonly string[] {
    const { image } = this.transform;
    return [...new Set([...this.#compiled.columns, ...(image === undefined ? [] : [image.column])])];
  }

  /** The batch with the joined tables' columns filled where it leaves them out, by key. */
  fill(batch: ColumnarBatch): ColumnarBatch {
    return this.#tables.fill(batch);
  }

  /**
   * One probability a row. A row's score does not depend on the rows beside it, those of other calls included. `images`: encoded bytes
   * a row; where there are none the image column's value is looked up. Throws `BadImage` for
   * bytes that are no image, and what a signal aborted with.
   */
  async score(
    batch: ColumnarBatch,
    images?: readonly (Uint8Array | null | undefined)[],
    { onInput, ...sentFor }: ScoreOptions = {},
  ): Promise<Float32Array> {
    const input = this.#compiled.apply(batch);
    onInput?.(input);
    const { ids, dense } = input;
    const { fields, dense: numbers, image } = this.transform;
    const vectors =
      this.#images === undefined || image === undefined
        ? undefined
        : await this.#images.of(batch.columns.get(image.column), batch.rows, images, sentFor);
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
    const { rows, scores: expected } = this.warmUp;
    const batch = this.#warmUpRows(rows);
    const scores = await this.score(batch);
    let largestDifference = rows === 0 ? NaN : 0;
    // A score that is not a number stays one: Math.max keeps NaN.
    for (let row = 0; row < rows; row += 1)
      largestDifference = Math.max(largestDifference, Math.abs((scores[row] ?? NaN) - (expected[row] ?? NaN)));
    const times: number[] = [];
    const alone: (number | undefined)[] = [];
    for (let row = 0; row < Math.min(rows, 32); row += 1) {
      const one = rowsOf(batch, row, row + 1);
      const begin = performance.now();
      alone.push((await this.score(one))[0]);
      times.push(performance.now() - begin);
    }
    this.#together = rows > 0 && alone.every((score, row) => Object.is(score, scores[row]));
    times.sort((a, b) => a - b);
    return {
      warmUpRows: rows,
      scores,
      firstAlone: alone[0],
      sharesRuns: this.#together,
      largestDifference,
      rowMs: times[times.length >> 1] ?? NaN,
    };
  }

  /**
   * Takes over what {@link validate} showed of the same files in other sessions. Throws {@link DamagedServable} where these answer the first
   * row in other bits. The first request finds them warm.
   */
  async confirm({ firstAlone, sharesRuns }: WarmUpAnswer): Promise<void> {
    if (this.warmUp.rows > 0) {
      const [score] = await this.score(this.#warmUpRows(1));
      if (!Object.is(score, firstAlone))
        throw new DamagedServable(`the first warm-up row is answered with ${score}, and was with ${firstAlone}`);
    }
    this.#together = sharesRuns;
  }

  async close(): Promise<void> {
    await this.#model.close();
    await this.#tower?.close();
  }

  /** The first warm-up rows, as a request brings them. */
  #warmUpRows(rows: number): ColumnarBatch {
    const types = new Map(this.schema.columns.map(({ name, type }) => [name, type]));
    const given = Object.entries(this.warmUp.columns);
    const columns = new Map<string, Column>(
      given.map(([name, values]) => [name, columnOf(types.get(name) ?? 'string', values.slice(0, rows))]),
    );
    return this.fill({ rows, columns });
  }
}
