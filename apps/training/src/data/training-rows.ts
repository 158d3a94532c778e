import type { TrainingBatch } from '@adstocrat/tensorflow';
import type { LoadedExamples } from './load-examples.ts';

/** An optimizer step's rows: labels are 0 or 1 a row; weights are 1 on average over all rows, absent where all are 1. */
export interface LabelledBatch {
  readonly batch: TrainingBatch;
  readonly labels: Float32Array;
  readonly weights?: Float32Array;
}

/** Which batches of an epoch, in which order its rows come. */
export interface EpochOptions {
  /** The same seed gives the same order, whatever was read before. */
  readonly seed: number;
  readonly batchSize: number;
  /** Batches of the epoch that are left out: those that a killed run has trained on. */
  readonly skip: number;
}

/** Transformed examples with their labels, in their order, however many. */
export interface RowsInOrder {
  readonly rows: number;
  /** Rows with the label 1. */
  readonly positives: number;
  /** Share of the negative rows that is here: {@link oddsShift} brings their log-odds to those of all rows. */
  readonly negativeShare: number;
  readonly fields: number;
  readonly denseWidth: number;
  /** Whether some rows count more than others. */
  readonly weighted: boolean;
  /** All rows in their order, in parts that fit in memory. A part is valid until the next is asked for. */
  parts(): AsyncIterable<LoadedExamples>;
}

/** Training examples: in their order, or shuffled an epoch at a time. */
export interface TrainingRows extends RowsInOrder {
  /** An even part of at most about so many rows, or all of them. */
  sample(rows: number): TrainingRows;
  /** Frees what is held open; samples are of no use then. */
  close(): Promise<void>;
  /** Whole batches: rows that are left over at the end of an epoch are not in it. */
  epoch(options: EpochOptions): AsyncIterableIterator<LabelledBatch>;
}

/**
 * What training adds to a logit to compare it with labels of which a share of the negatives is left out: odds among such rows are those of all
 * rows ÷ the share, so the logit itself, which is served, is of all rows. Source: X. He et al., "Practical Lessons from Predicting Clicks on
 * Ads at Facebook", 2014, section 6.3, which corrects scores afterwards to the same effect.
 */
export function oddsShift({ negativeShare }: Pick<TrainingRows, 'negativeShare'>): number {
  return negativeShare === 1 ? 0 : -Math.log(negativeShare);
}

/** The share of positives among all rows, those left out too. */
export function baseRateOf({
  rows,
  positives,
  negativeShare,
}: Pick<TrainingRows, 'rows' | 'positives' | 'negativeShare'>): number {
  return positives / (positives + (rows - positives) / negativeShare);
}
