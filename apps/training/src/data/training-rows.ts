import type { TrainingBatch } from '@adstocrat/tensorflow';
import type { LoadedExamples } from './load-examples.ts';

/** An optimizer step's rows: labels are 0 or 1 a row. */
export interface LabelledBatch {
  readonly batch: TrainingBatch;
  readonly labels: Float32Array;
}

/** Which batches of an epoch, in which order its rows come. */
export interface EpochOptions {
  /** The same seed gives the same order, whatever was read before. */
  readonly seed: number;
  readonly batchSize: number;
  /** Batches of the epoch that are left out: those that a killed run has trained on. */
  readonly skip: number;
}

/** Transformed training examples, however many: in their order, or shuffled an epoch at a time. */
export interface TrainingRows {
  readonly rows: number;
  /** Rows with the label 1. */
  readonly positives: number;
  readonly fields: number;
  readonly denseWidth: number;
  /** All rows in their order, in parts that fit in memory. A part is valid until the next is asked for. */
  parts(): AsyncIterable<LoadedExamples>;
  /** An even part of at most about so many rows, or all of them. */
  sample(rows: number): TrainingRows;
  /** Frees what is held open; samples are of no use then. */
  close(): Promise<void>;
  /** Whole batches: rows that are left over at the end of an epoch are not in it. */
  epoch(options: EpochOptions): AsyncIterableIterator<LabelledBatch>;
}
