import { composeModel, type ModelSpec, type Weights } from '@adstocrat/models';
import { ClickModelTrainer, initialWeights, type TrainerState } from '@adstocrat/tensorflow';
import { type LoadedExamples, takeRows } from '../data/load-examples.ts';
import { partsOf } from '../data/parts-of.ts';
import { type LabelledBatch, oddsShift } from '../data/training-rows.ts';
import { valueForgetter } from '../model/forget-values.ts';
import type { BestLook, Candidate, CurvePoint } from './candidate.ts';
import { lookAt } from './look.ts';
import { LessAtOnce } from './less-at-once.ts';
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

/** Where a trial stands: with it another process goes on as this one would have, to the last bit. */
export interface TrialState {
  readonly step: number;
  /** Stretches that have ended. */
  readonly stretches: number;
  /** Step and sum of losses in the stretch that it is in. */
  readonly stretch: { readonly step: number; readonly lossSum: number };
  readonly bestStep: number;
  /** Steps after which it went back, see {@link Trial.wentBack}. */
  readonly wentBack: readonly number[];
  /** Parts that a batch is cut into, since it does not fit in memory at once. */
  readonly parts: number;
  readonly beginning?: string;
  readonly curve: readonly CurvePoint[];
  readonly best?: { readonly weights: Weights; readonly logits: Float32Array };
  readonly failed: boolean;
  /** Absent where it does not go on. */
  readonly trainer?: TrainerState;
}

/** One model in training, in stretches; it may be given up between them. Disposing frees it. */
export class Trial implements Candidate {
  readonly setting: Setting;
  readonly spec: ModelSpec;
  best: BestLook | undefined;
  /** What its first weights are, where it might have begun from the model in service. */
  readonly beginning: string | undefined;
  /** Why it can't go on: its numbers were not finite too often. */
  failed = false;
  /** Steps after which its numbers were not finite: it went back to the weights of its best look, with a quarter of the learning rate. */
  wentBack: readonly number[] = [];
  step = 0;
  bestStep = 0;
  /** Stretches that have ended. */
  stretches = 0;
  /** Mean over the last stretch. */
  trainLoss = NaN;
  readonly curve: CurvePoint[] = [];
  readonly #data: TrialData;
  readonly #options: TrialOptions;
  /** Undefined where it does not go on. */
  #trainer: ClickModelTrainer | undefined;
  readonly #forget: (ids: Int32Array, step: number) => void;
  readonly #stepsPerEpoch: number;
  readonly #less: LessAtOnce;
  #stretch = { step: 0, lossSum: 0 };
  #batches: AsyncIterator<LabelledBatch> | undefined;

  /** `from`: where it stood in an earlier attempt. */
  constructor(setting: Setting, data: TrialData, options: TrialOptions, from?: TrialState) {
    const { graph, train, images } = data;
    this.setting = setting;
    this.#less = new LessAtOnce(`a batch of "${setting.name}"`, from?.parts);
    this.#data = data;
    this.#options = options;
    const { seed, idCounts, baseRate, linear } = options;
    this.spec = composeModel(modelInputs(data), {
      ...setting,
      wideL2: linear?.l2 ?? 1,
      ...(images && { image: images.tower }),
    });
    this.#forget = valueForgetter(graph, seed);
    this.#stepsPerEpoch = Math.max(1, Math.floor(train.rows / options.batchSize));
    if (from !== undefined) this.#recall(from);
    this.beginning = from?.beginning;
    if (from !== undefined && from.trainer === undefined) return;
    let weights = withLinearPart(initialWeights(this.spec, seed, baseRate), linear);
    const taken = data.beginnings?.for(this.spec, weights);
    if (taken !== undefined) this.beginning = 'weights' in taken ? taken.sentence : taken.reason;
    if (taken !== undefined && 'weights' in taken) weights = taken.weights;
    this.#trainer = new ClickModelTrainer(this.spec, weights, { seed, idCounts });
    if (images !== undefined) this.#trainer.setImages(new Map([['image', images.vectors]]));
    if (from?.trainer !== undefined) this.#trainer.restore(from.trainer);
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

  get failedAtStep(): number | undefined {
    return this.failed ? this.step : undefined;
  }

  /** Whether it can go on. */
  get goesOn(): boolean {
    return this.#trainer !== undefined && !this.failed;
  }

  state(): TrialState {
    const { step, stretches, bestStep, wentBack, failed, best, curve } = this;
    return {
      step,
      stretches,
      stretch: this.#stretch,
      bestStep,
      wentBack,
      parts: this.#less.parts,
      failed,
      curve: [...curve],
      ...(this.beginning !== undefined && { beginning: this.beginning }),
      ...(best && { best: { weights: best.weights, logits: best.logits } }),
      ...(this.goesOn && { trainer: this.#running.state() }),
    };
  }

  /**
   * Trains for a stretch, or what is left of it, with a look at the validation rows at each half of an epoch and at the end. Yields to the
   * event loop between steps. Where a loss is not finite it goes back to its best look; a trial that does so too often ends, and what it had found stays.
   */
  async train(stretch: Stretch, onStep: (trial: Trial) => Promise<void>): Promise<void> {
    const lookEvery = Math.max(1, Math.ceil(Math.min(this.#stepsPerEpoch, stretch.steps) / 2));
    while (this.#stretch.step < stretch.steps && !this.failed && this.step - this.bestStep < stretch.patience) {
      const loss = await this.#oneStep(stretch, this.#stretch.step);
      // A step that was lost counts as the mean of those before it.
      const lossSum = this.#stretch.lossSum + (Number.isFinite(loss) ? loss : this.trainLoss || 0);
      const step = this.#stretch.step + 1;
      this.#stretch = { step, lossSum };
      this.trainLoss = lossSum / step;
      if (!Number.isFinite(loss)) this.#goBack();
      else if (step % lookEvery === 0 || step === stretch.steps) await this.look();
      await new Promise(setImmediate);
      await onStep(this);
    }
    this.stretches += 1;
    this.#stretch = { step: 0, lossSum: 0 };
    this.#batches = undefined;
  }

  /** Looks at the validation rows, and keeps the weights where they are the best so far. */
  async look(): Promise<void> {
    const logits = await this.#logitsOf(this.#data.validation);
    if (!logits.every(Number.isFinite)) {
      this.#goBack();
      return;
    }
    const look = lookAt(logits, this.#data.validation.labels);
    const { epochs: epoch, trainLoss } = this;
    this.curve.push({ epoch, ...(this.step > 0 && { trainLoss }), loss: look.loss, auc: look.auc });
    if (this.best !== undefined && look.loss >= this.best.loss) return;
    this.best = { ...look, weights: this.#running.weights() };
    this.bestStep = this.step;
  }

  /** Logits of other rows, by the weights of its best look. It does not go on afterwards. Throws where it has none, or has ended. */
  async bestLogits(examples: LoadedExamples): Promise<Float32Array> {
    if (this.best === undefined) throw new Error(`the trial "${this.name}" has no look`);
    this.#running.startAgain(this.best.weights);
    const logits = await this.#logitsOf(examples);
    this.dispose();
    return logits;
  }

  /** What was found stays; a second call does nothing. */
  dispose(): void {
    this.#trainer?.dispose();
    this.#trainer = undefined;
    this.#batches = undefined;
  }

  get #running(): ClickModelTrainer {
    if (this.#trainer === undefined) throw new Error(`the trial "${this.name}" has ended`);
    return this.#trainer;
  }

  /** To the last weights that are known to be good, and on more slowly; too often ends the trial. */
  #goBack(): void {
    this.failed = this.best === undefined || this.wentBack.length === mostReturns;
    if (this.failed || this.best === undefined) return;
    this.wentBack = [...this.wentBack, this.step];
    this.#running.startAgain(this.best.weights);
  }

  #recall({ step, stretches, stretch, bestStep, wentBack, failed, best, curve }: TrialState): void {
    this.step = step;
    this.stretches = stretches;
    this.bestStep = bestStep;
    this.wentBack = wentBack;
    this.failed = failed;
    this.#stretch = stretch;
    this.curve.push(...curve);
    if (best !== undefined) this.best = { ...lookAt(best.logits, this.#data.validation.labels), weights: best.weights };
  }

  async #oneStep({ steps, decays }: Stretch, step: number): Promise<number> {
    const labelled = await this.#nextBatch();
    this.#forget(labelled.batch.ids, this.step);
    this.step += 1;
    const slower = returnedRate ** this.wentBack.length;
    const learningRate = this.setting.learningRate * slower * (decays ? 1 - step / steps : 1);
    const shift = oddsShift(this.#data.train);
    return this.#less.run(labelled.batch.rows, (parts) => {
      let loss = 0;
      for (const { batch, labels, weights } of partsOf(labelled, parts))
        loss += this.#running.trainStep(batch, labels, { learningRate, weights, shift }) * batch.rows;
      return loss / labelled.batch.rows;
    });
  }

  async #nextBatch(): Promise<LabelledBatch> {
    const { batchSize, seed } = this.#options;
    const skip = this.step % this.#stepsPerEpoch;
    if (skip === 0 || this.#batches === undefined)
      this.#batches = this.#data.train.epoch({
        seed: seed + 1 + (this.step - skip) / this.#stepsPerEpoch,
        batchSize,
        skip,
      });
    const next = await this.#batches.next();
    if (next.done === true) throw new Error(`an epoch of ${this.#stepsPerEpoch} steps has only ${skip}`);
    return next.value;
  }

  async #logitsOf(examples: LoadedExamples): Promise<Float32Array> {
    const out = new Float32Array(examples.rows);
    for (let from = 0; from < examples.rows;) {
      const scored = this.#less.run(scoreRows, (parts) => {
        const length = Math.min(Math.max(1, Math.floor(scoreRows / parts)), examples.rows - from);
        const positions = Int32Array.from({ length }, (_, row) => from + row);
        return this.#running.logits(takeRows(examples, positions).batch);
      });
      out.set(scored, from);
      from += scored.length;
      await new Promise(setImmediate);
    }
    return out;
  }
}

const scoreRows = 4096;
/** Times that a trial goes back before it ends, and what its learning rate is multiplied by each time. */
const [mostReturns, returnedRate] = [3, 0.25] as const;

/** The weights of the linear part and of the image tower in place of the first ones; the weights of what it does not have stay. */
function withLinearPart(weights: Weights, linear: LinearCandidate | undefined): Weights {
  return new Map([...weights, ...(linear?.best?.weights ?? [])]);
}
