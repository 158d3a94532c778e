import { type FileHandle, open } from 'node:fs/promises';
import { splitMix32 } from '@adstocrat/models';
import type { TransformGraph } from '@adstocrat/transforms';
import { shuffled } from '../model/shuffled.ts';
import { type LoadedExamples, roomFor, type RowExtras, takeRows } from './load-examples.ts';
import { scaledWeights } from './mean-weight.ts';
import { blockRows, RowLayout } from './row-layout.ts';
import type { EpochOptions, LabelledBatch, TrainingRows } from './training-rows.ts';

/** Rows that a window holds: 32 blocks, from all over the file. */
const windowBlocks = 32;

/** Blocks that are read together, and their rows. */
interface Window {
  readonly blocks: Int32Array;
  readonly rows: number;
}

/** What a file of rows holds. */
export interface CachedRowsOptions {
  readonly path: string;
  readonly graph: Pick<TransformGraph, 'fields' | 'dense'>;
  readonly extras: RowExtras;
  readonly rows: number;
  readonly positives: number;
  readonly negativeShare: number;
  /** Brings the weights' mean to 1. */
  readonly weightScale: number;
}

/**
 * {@link TrainingRows} in a file of blocks, see `RowLayout`. An epoch takes the blocks in a seeded order, a window of them at a time, and the rows
 * of a window in a seeded order; while a window is trained on the next one is read. Memory: two windows, whatever the rows.
 */
export class CachedRows implements TrainingRows {
  readonly rows: number;
  readonly positives: number;
  readonly negativeShare: number;
  readonly fields: number;
  readonly denseWidth: number;
  readonly weighted: boolean;
  readonly #layout: RowLayout;
  readonly #file: FileHandle;
  readonly #options: CachedRowsOptions;
  /** Those that these rows lie in. */
  readonly #blocks: Int32Array;

  private constructor(file: FileHandle, options: CachedRowsOptions, blocks: Int32Array) {
    const { graph, extras, positives, negativeShare } = options;
    this.#options = options;
    this.#file = file;
    this.#layout = new RowLayout(graph, extras);
    this.negativeShare = negativeShare;
    this.#blocks = blocks;
    this.rows = blocks.reduce((sum, block) => sum + this.#rowsOf(block), 0);
    this.positives = (positives * this.rows) / Math.max(1, options.rows);
    this.fields = graph.fields.length;
    this.denseWidth = graph.dense.length;
    this.weighted = extras.weights;
  }

  /** Throws where the file is not there, or is not as long as so many rows are. */
  static async open(options: CachedRowsOptions): Promise<CachedRows> {
    const file = await open(options.path, 'r');
    const blocks = Int32Array.from({ length: Math.ceil(options.rows / blockRows) }, (_, block) => block);
    const rows = new CachedRows(file, options, blocks);
    const { size } = await file.stat();
    const expected = blocks.length * rows.#layout.blockBytes;
    if (size === expected) return rows;
    await file.close();
    throw new RangeError(`${options.path} has ${size} bytes, ${options.rows} rows have ${expected}`);
  }

  /** Every so-and-so-manieth block. Its positives are those of all rows, in proportion. */
  sample(rows: number): CachedRows {
    const every = Math.max(1, Math.ceil(this.rows / rows));
    return new CachedRows(
      this.#file,
      this.#options,
      this.#blocks.filter((_, at) => at % every === 0),
    );
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async *parts(): AsyncGenerator<LoadedExamples> {
    yield* this.#load(this.#windowsOf(this.#blocks), 0);
  }

  async *epoch({ seed, batchSize, skip }: EpochOptions): AsyncGenerator<LabelledBatch> {
    const windows = this.#windowsOf(shuffled(this.#blocks.length, seed).map((at) => this.#blocks[at]!));
    let before = skip * batchSize;
    let first = 0;
    for (; first < windows.length - 1 && before >= windows[first]!.rows; first += 1) before -= windows[first]!.rows;
    let held: LabelledBatch[] = [];
    let missing = batchSize;
    let number = first;
    for await (const window of this.#load(windows, first)) {
      const order = shuffled(window.rows, windowSeed(seed, number));
      for (let from = before; from < window.rows;) {
        const take = Math.min(missing, window.rows - from);
        held.push(takeRows(window, order.subarray(from, from + take)));
        from += take;
        missing -= take;
        if (missing > 0) continue;
        yield held.length === 1 ? held[0]! : joined(held);
        [held, missing] = [[], batchSize];
      }
      before = 0;
      number += 1;
    }
  }

  #rowsOf(block: number): number {
    return Math.min(blockRows, this.#options.rows - block * blockRows);
  }

  #windowsOf(blocks: Int32Array): readonly Window[] {
    return Array.from({ length: Math.ceil(blocks.length / windowBlocks) }, (_, window) => {
      const own = blocks.subarray(window * windowBlocks, (window + 1) * windowBlocks);
      return { blocks: own, rows: own.reduce((sum, block) => sum + this.#rowsOf(block), 0) };
    });
  }

  /** Windows from the first on, each read while the one before it is used. */
  async *#load(windows: readonly Window[], first: number): AsyncGenerator<LoadedExamples> {
    let next: Promise<readonly Uint8Array[]> | undefined;
    for (let window = first; window < windows.length; window += 1) {
      const { blocks, rows } = windows[window]!;
      const bytes = await (next ?? this.#read(blocks));
      next = windows[window + 1] && this.#read(windows[window + 1]!.blocks);
      // Whoever leaves before it is read does not hear of it.
      next?.catch(() => undefined);
      const examples = roomFor(rows, this, this.#options.extras);
      let to = 0;
      for (const [index, block] of blocks.entries()) {
        this.#layout.decode(bytes[index]!, this.#rowsOf(block), examples, to);
        to += this.#rowsOf(block);
      }
      yield scaledWeights(examples, this.#options.weightScale);
    }
  }

  #read(blocks: Int32Array): Promise<readonly Uint8Array[]> {
    const { blockBytes } = this.#layout;
    return Promise.all(
      Array.from(blocks, async (block) => {
        const { bytesRead, buffer } = await this.#file.read(
          new Uint8Array(blockBytes),
          0,
          blockBytes,
          block * blockBytes,
        );
        if (bytesRead !== blockBytes) throw new Error(`the transformed rows end in the middle of block ${block}`);
        return buffer;
      }),
    );
  }
}

/** Of a window of an epoch: mixed, since generators of seeds near to each other are one sequence, shifted. */
function windowSeed(seed: number, window: number): number {
  return splitMix32(Math.imul(seed, 0x9e3779b9) ^ splitMix32(window)())();
}

/** Parts of one batch after each other. */
function joined(parts: readonly LabelledBatch[]): LabelledBatch {
  const rows = parts.reduce((sum, { batch }) => sum + batch.rows, 0);
  const first = parts[0]!.batch;
  const ids = new Int32Array((first.ids.length / first.rows) * rows);
  const dense = new Float32Array((first.dense.length / first.rows) * rows);
  const labels = new Float32Array(rows);
  const images = new Int32Array(rows);
  const weights = new Float32Array(rows);
  let at = 0;
  for (const { batch, labels: own, weights: counts } of parts) {
    ids.set(batch.ids, at * (ids.length / rows));
    dense.set(batch.dense, at * (dense.length / rows));
    labels.set(own, at);
    if (batch.images !== undefined) images.set(batch.images, at);
    if (counts !== undefined) weights.set(counts, at);
    at += batch.rows;
  }
  return {
    batch: { rows, ids, dense, ...(first.images !== undefined && { images }) },
    labels,
    ...(parts[0]!.weights !== undefined && { weights }),
  };
}
