import { shuffled } from '../model/shuffled.ts';
import { type LoadedExamples, takeRows } from './load-examples.ts';
import { meanWeight, scaledWeights } from './mean-weight.ts';
import type { EpochOptions, LabelledBatch, TrainingRows } from './training-rows.ts';

/** {@link TrainingRows} that are all in memory: one part, and an epoch is a whole shuffle. */
export class MemoryRows implements TrainingRows {
  readonly rows: number;
  readonly positives: number;
  readonly fields: number;
  readonly denseWidth: number;
  readonly weighted: boolean;
  readonly #examples: LoadedExamples;

  readonly negativeShare: number;

  constructor(examples: LoadedExamples, negativeShare = 1) {
    this.negativeShare = negativeShare;
    this.#examples = scaledWeights(examples, 1 / meanWeight(examples));
    this.rows = examples.rows;
    this.fields = examples.fields;
    this.denseWidth = examples.denseWidth;
    this.weighted = examples.weights !== undefined;
    this.positives = examples.labels.reduce((sum, label) => sum + label, 0);
  }

  async *parts(): AsyncGenerator<LoadedExamples> {
    yield this.#examples;
  }

  sample(): MemoryRows {
    return this;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async *epoch({ seed, batchSize, skip }: EpochOptions): AsyncGenerator<LabelledBatch> {
    const order = shuffled(this.rows, seed);
    for (let from = skip * batchSize; from + batchSize <= this.rows; from += batchSize)
      yield takeRows(this.#examples, order.subarray(from, from + batchSize));
  }
}
