import { composeModel, type ModelSpec, type Weights } from '@adstocrat/models';
import { ClickModelTrainer, initialWeights } from '@adstocrat/tensorflow';
import { type LoadedExamples, takeRows } from '../data/load-examples.ts';
import { valueForgetter } from '../model/forget-values.ts';
import { shuffled } from '../model/shuffled.ts';
import type { BestLook, Candidate } from './candidate.ts';
import { lookAt } from './look.ts';
import type { LinearCandidate } from './linear-candidate.ts';
import type { Setting } from './setting.ts';
import { modelInputs, type TrialData } from './trial-data.ts';

export interface TrialOptions {
  readonly batchSize: number;
  readonly seed: number;
  readonly idCounts: Float32Array;
  readonly baseRate: number;
  /** Whose weights the linear part begins with, and its prior. */
  readonly linear?: LinearCandidate;
}

/** A stretch of a trial's training. */
export interface Stretch {
  readonly steps: number;
  /** Whether the learning rate falls linearly to 0 over it. */
  readonly decays: boolean;
  /** Steps without a better look that end it. */
  readonly patience: number;
}

/** One model in training, in stretches; it may be given up between them. Disposing frees it. */
export class Trial implements Candidate {
  readonly setting: Setting;
  readonly spec: ModelSpec;
  best: BestLook | undefined;
  /** Why it can't go on: its loss is not finite. */
  failed = false;
  step = 0;
  bestStep = 0;
  /** Mean over the last stretch. */
  trainLoss = NaN;
  readonly #data: TrialData;
  readonly #options: TrialOptions;
  readonly #trainer: ClickModelTrainer;
  readonly #forget: (ids: Int32Array) => void;
  readonly #stepsPerEpoch: number;
  #disposed = false;
  #order: Int32Array = new Int32Array(0);

  constructor(setting: Setting, data: TrialData, options: TrialOptions) {
    const { graph, train, images } = data;
    this.setting = setting;
    this.#data = data;
    this.#options = options;
    const { seed, idCounts, baseRate, linear } = options;
    this.spec = composeModel(modelInputs(data), { ...setting, wideL2: linear?.l2 ?? 1 });
    const weights = withLinearPart(initialWeights(this.spec, seed, baseRate), linear);
    this.#trainer = new ClickModelTrainer(this.spec, weights, { seed, idCounts });
    if (images !== undefined && graph.image !== undefined)
      this.#trainer.setImages(images, images.length / (graph.image.size ** 2 * 3));
    this.#forget = valueForgetter(graph, seed);
    this.#stepsPerEpoch = Math.max(1, Math.floor(train.rows / options.batchSize));
  }

  get name(): string {
    return this.setting.name;
  }

  get epochs(): number {
    return this.step / this.#stepsPerEpoch;
  }

  get bestEpoch(): number {
    return this.bestStep / this.#stepsPerEpoch;
  }

  /**
   * Trains for a stretch, with a look at the validation rows at each half of an epoch and at the end. Yields to the event loop
   * between steps. A loss that is not finite ends the trial for good; what it had found before stays.
   */
  async train(stretch: Stretch, onStep: (trial: Trial) => void): Promise<void> {
    const lookEvery = Math.max(1, Math.ceil(Math.min(this.#stepsPerEpoch, stretch.steps) / 2));
    let lossSum = 0;
    for (let step = 0; step < stretch.steps && !this.failed; step += 1) {
      lossSum += this.#oneStep(stretch, step);
      this.trainLoss = lossSum / (step + 1);
      if (!Number.isFinite(lossSum)) this.failed = true;
      else if ((step + 1) % lookEvery === 0 || step + 1 === stretch.steps) await this.look();
      await new Promise(setImmediate);
      onStep(this);
      if (this.step - this.bestStep >= stretch.patience) return;
    }
  }

  /** Looks at the validation rows, and keeps the weights where they are the best so far. */
  async look(): Promise<void> {
    const logits = await this.#logitsOf(this.#data.validation);
    if (!logits.every(Number.isFinite)) {
      this.failed = true;
      return;
    }
    const look = lookAt(logits, this.#data.validation.labels);
    if (this.best !== undefined && look.loss >= this.best.loss) return;
    this.best = { ...look, weights: this.#trainer.weights() };
    this.bestStep = this.step;
  }

  /** What was found stays; a second call does nothing. */
  dispose(): void {
    if (!this.#disposed) this.#trainer.dispose();
    this.#disposed = true;
  }

  #oneStep({ steps, decays }: Stretch, step: number): number {
    const { batchSize, seed } = this.#options;
    const inEpoch = this.step % this.#stepsPerEpoch;
    if (inEpoch === 0) this.#order = shuffled(this.#data.train.rows, seed + 1 + this.step / this.#stepsPerEpoch);
    const positions = this.#order.subarray(inEpoch * batchSize, (inEpoch + 1) * batchSize);
    const { batch, labels } = takeRows(this.#data.train, positions);
    this.#forget(batch.ids);
    this.step += 1;
    return this.#trainer.trainStep(batch, labels, this.setting.learningRate * (decays ? 1 - step / steps : 1));
  }

  async #logitsOf(examples: LoadedExamples): Promise<Float32Array> {
    const out = new Float32Array(examples.rows);
    for (let from = 0; from < examples.rows; from += scoreRows) {
      const positions = Int32Array.from({ length: Math.min(scoreRows, examples.rows - from) }, (_, row) => from + row);
      out.set(this.#trainer.logits(takeRows(examples, positions).batch), from);
      await new Promise(setImmediate);
    }
    return out;
  }
}

const scoreRows = 4096;

/** The linear part's weights in place of the first ones; the weights of what it does not have stay. */
function withLinearPart(weights: Weights, linear: LinearCandidate | undefined): Weights {
  const all = new Map(weights);
  for (const [name, values] of linear?.best?.weights ?? []) {
    const own = Float32Array.from(all.get(name) ?? []);
    // Numbers come first among what the linear layer reads, then what the image says.
    own.set(values.subarray(0, own.length));
    all.set(name, own);
  }
  return all;
}
