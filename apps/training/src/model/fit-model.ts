import { PermanentFailure } from '@adstocrat/event-bus';
import { auc, logLoss } from '@adstocrat/metrics';
import type { ModelSpec, Weights } from '@adstocrat/models';
import { ClickModelTrainer, initialWeights } from '@adstocrat/tensorflow';
import { type LoadedExamples, takeRows } from '../data/load-examples.ts';
import type { TransformGraph } from '@adstocrat/transforms';
import { valueForgetter } from './forget-values.ts';
import { shuffled } from './shuffled.ts';

export interface FitOptions {
  readonly batchSize: number;
  /** Steps at most; epochs at most. */
  readonly maxSteps: number;
  readonly maxEpochs: number;
  readonly learningRate: number;
  readonly seed: number;
}

/** Where fitting stands, said after every look at the validation examples and in between. */
export interface FitProgress {
  readonly step: number;
  readonly steps: number;
  readonly trainLoss: number;
  readonly validationLoss: number;
  readonly validationAuc: number;
  readonly examplesPerSecond: number;
}

export interface FittedModel {
  readonly weights: Weights;
  /** Of the best step. */
  readonly step: number;
  readonly validationLoss: number;
  readonly validationAuc: number;
  /** Uncalibrated, one a validation row. */
  readonly validationLogits: Float32Array;
}

/** Looks at the validation examples in an epoch, and looks without a better one that end the fitting. */
const looksPerEpoch = 4;
const patience = 4;
const scoreRows = 4096;
const embeddingDecay = 1e-2;

/**
 * Fits a model: seeded shuffles, one optimizer step a batch, early stopping on the validation log-loss; the weights of the
 * best look are what comes back. Yields to the event loop between steps. Throws `signal.reason` when aborted.
 */
export async function fitModel(
  spec: ModelSpec,
  graph: TransformGraph,
  data: { readonly train: LoadedExamples; readonly validation: LoadedExamples; readonly images?: Float32Array },
  options: FitOptions,
  signal: AbortSignal,
  onProgress: (progress: FitProgress) => void,
): Promise<FittedModel> {
  const { train, validation } = data;
  const baseRate = train.labels.reduce((sum, label) => sum + label, 0) / Math.max(1, train.rows);
  const { learningRate, seed, maxEpochs } = options;
  const trainer = new ClickModelTrainer(spec, initialWeights(spec, seed, baseRate), { learningRate, embeddingDecay });
  try {
    if (data.images !== undefined && spec.image !== undefined)
      trainer.setImages(data.images, data.images.length / (spec.image.size ** 2 * 3));
    const batchSize = Math.min(options.batchSize, train.rows);
    const stepsPerEpoch = Math.max(1, Math.floor(train.rows / batchSize));
    const steps = Math.min(options.maxSteps, maxEpochs * stepsPerEpoch);
    const lookEvery = Math.max(1, Math.ceil(stepsPerEpoch / looksPerEpoch));
    const look = async (step: number): Promise<FittedModel> => {
      const validationLogits = await logitsOf(trainer, validation);
      const rows = { scores: Float64Array.from(validationLogits, sigmoid), labels: validation.labels };
      return {
        step,
        validationLogits,
        weights: trainer.weights(),
        validationLoss: logLoss(rows),
        validationAuc: auc(rows),
      };
    };
    let best = await look(0);
    const forget = valueForgetter(graph, seed);
    let looksSinceBest = 0;
    let order: Int32Array = new Int32Array(0);
    let lossSum = 0;
    let lossSteps = 0;
    const begun = performance.now();
    for (let step = 0; step < steps; step += 1) {
      const inEpoch = step % stepsPerEpoch;
      if (inEpoch === 0) order = shuffled(train.rows, seed + 1 + step / stepsPerEpoch);
      const { batch, labels } = takeRows(train, order.subarray(inEpoch * batchSize, (inEpoch + 1) * batchSize));
      forget(batch.ids);
      lossSum += trainer.trainStep(batch, labels);
      lossSteps += 1;
      if (!Number.isFinite(lossSum))
        throw new PermanentFailure(`the loss is not finite at step ${step + 1}: lower training.learningRate`);
      if ((step + 1) % lookEvery === 0 || step + 1 === steps) {
        const now = await look(step + 1);
        looksSinceBest = now.validationLoss < best.validationLoss ? 0 : looksSinceBest + 1;
        if (looksSinceBest === 0) best = now;
        onProgress({
          step: step + 1,
          steps,
          trainLoss: lossSum / lossSteps,
          validationLoss: now.validationLoss,
          validationAuc: now.validationAuc,
          examplesPerSecond: ((step + 1) * batchSize * 1000) / (performance.now() - begun),
        });
        [lossSum, lossSteps] = [0, 0];
        if (looksSinceBest >= patience) break;
      }
      await new Promise(setImmediate);
      signal.throwIfAborted();
    }
    return best;
  } finally {
    trainer.dispose();
  }
}

/** Yields to the event loop between batches: the process says that it lives. */
async function logitsOf(trainer: ClickModelTrainer, examples: LoadedExamples): Promise<Float32Array> {
  const out = new Float32Array(examples.rows);
  for (let from = 0; from < examples.rows; from += scoreRows) {
    const positions = Int32Array.from({ length: Math.min(scoreRows, examples.rows - from) }, (_, row) => from + row);
    out.set(trainer.logits(takeRows(examples, positions).batch), from);
    await new Promise(setImmediate);
  }
  return out;
}

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));
