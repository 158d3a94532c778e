import { composeModel, type Weights } from '@adstocrat/models';
import type { LoadedExamples } from '../data/load-examples.ts';
import {
  type ImageVectors,
  linearLogits,
  type LinearWeights,
  logisticRegression,
} from '../linear/logistic-regression.ts';
import type { Candidate } from './candidate.ts';
import { type Look, lookAt } from './look.ts';
import { type FitData, modelInputs, type TrialData } from './trial-data.ts';

/** Priors' strengths, in examples, from strong to weak; each fit begins where the one before it ended. */
const strengths = [1000, 300, 100, 30, 10, 3, 1] as const;

export interface LinearCandidate extends Candidate {
  /** Of the best fit. */
  readonly l2: number;
}

/** The prior where validation rows can't choose one: what an id says is believed after some tens of examples. */
const cautious = 30;

/** No calibration. */
const asItIs = { slope: 1, intercept: 0 };

/** Rows that the prior is chosen on, at most: a weight's prior is the same however many rows tell of it. */
const mostPriorRows = 2_000_000;

/**
 * The logistic regression with the prior that serves the validation rows best as it is: one that is too weak makes it over-confident, which a calibration would hide.
 * An exact fit for each strength, until two in a row were no better, and where these were fits to a sample, one to all rows from the best of them. Undefined where there is nothing to read.
 */
export async function linearCandidate(data: TrialData, signal: AbortSignal): Promise<LinearCandidate | undefined> {
  let found: LinearCandidate | undefined;
  let from: LinearWeights | undefined;
  let best: LinearWeights | undefined;
  let [lowest, worse] = [Infinity, 0];
  const sampled = { ...data, train: data.train.sample(mostPriorRows) };
  for (const l2 of strengths) {
    const fitted = await fit(sampled, l2, from);
    if (fitted === undefined) return undefined;
    signal.throwIfAborted();
    const logits = linearLogits(data.validation, fitted, vectorsOf(data));
    const { loss } = lookAt(logits, data.validation.labels, asItIs);
    worse = loss >= lowest ? worse + 1 : 0;
    if (worse === 0) {
      [found, best] = [candidateOf(data, l2, named(fitted), lookAt(logits, data.validation.labels)), fitted];
      lowest = loss;
    }
    if (worse === 2) break;
    from = fitted;
  }
  if (found === undefined || best === undefined || sampled.train.rows === data.train.rows) return found;
  const whole = (await fit(data, found.l2, best)) ?? best;
  return candidateOf(
    data,
    found.l2,
    named(whole),
    lookAt(linearLogits(data.validation, whole, vectorsOf(data)), data.validation.labels),
  );
}

/**
 * The logistic regression with a strong prior and no calibration, for validation rows that have too few of a label to choose or
 * to calibrate by. Undefined where there is nothing to read.
 */
export async function cautiousLinear(data: TrialData): Promise<LinearCandidate | undefined> {
  const fitted = await fit(data, cautious);
  if (fitted === undefined) return undefined;
  const logits = linearLogits(data.validation, fitted, vectorsOf(data));
  return candidateOf(data, cautious, named(fitted), lookAt(logits, data.validation.labels, asItIs));
}

/** The logistic regression with the same prior on other rows. */
export async function linearAgain(data: FitData, { l2, best }: LinearCandidate): Promise<LinearCandidate | undefined> {
  const fitted = await fit(data, l2, best && weightsIn(data, best.weights));
  if (fitted === undefined) return undefined;
  const logits = linearLogits(data.validation, fitted, vectorsOf(data));
  return candidateOf(data, l2, named(fitted), lookAt(logits, data.validation.labels));
}

async function fit(data: FitData, l2: number, from?: LinearWeights): Promise<LinearWeights | undefined> {
  const { fields, dense, idRows } = modelInputs(data);
  const images = vectorsOf(data);
  if (fields + dense === 0 && images === undefined) return undefined;
  return logisticRegression(data.train, { idRows, l2, ...(from && { from }), ...(images && { images }) });
}

/** The candidate again from its weights and, as `logits`, those of the validation rows. */
export function linearOf(data: FitData, l2: number, arrays: Weights): LinearCandidate {
  const { logits = new Float32Array(), ...weights } = Object.fromEntries(arrays);
  return candidateOf(data, l2, new Map(Object.entries(weights)), lookAt(logits, data.validation.labels));
}

function candidateOf(data: FitData, l2: number, weights: Weights, look: Look): LinearCandidate {
  const none = { units: 1, l2: 0, dropout: 0 };
  const { images } = data;
  const spec = composeModel(modelInputs(data), {
    wideL2: l2,
    embedding: none,
    streams: [],
    ...(images && { image: images.tower }),
  });
  const all = new Map([...(images?.weights ?? []), ...weights]);
  return { name: `linear, prior ${l2}`, spec, best: { ...look, weights: all }, epochs: 0, bestEpoch: 0, curve: [], l2 };
}

/** What a linear part says of examples. */
export function linearLogitsOf(data: FitData, weights: Weights, examples: LoadedExamples): Float32Array {
  return linearLogits(examples, weightsIn(data, weights), vectorsOf(data));
}

/** The linear part of a model's weights. */
function weightsIn({ train }: FitData, weights: Weights): LinearWeights {
  const said = weights.get('linear.logit.kernel') ?? new Float32Array();
  return {
    ids: Float64Array.from(weights.get('wide.table') ?? []),
    numbers: Float64Array.from(said.subarray(0, train.denseWidth)),
    image: Float64Array.from(said.subarray(train.denseWidth)),
    bias: weights.get('logit.bias')?.[0] ?? 0,
  };
}

function vectorsOf({ images }: FitData): ImageVectors | undefined {
  return images && { units: images.tower.units, vectors: images.vectors };
}

function named({ ids, numbers, image, bias }: LinearWeights): Weights {
  return new Map([
    ...(ids.length === 0 ? [] : [['wide.table', Float32Array.from(ids)] as const]),
    ...(numbers.length + image.length === 0
      ? []
      : [
          ['linear.logit.kernel', Float32Array.from([...numbers, ...image])] as const,
          ['linear.logit.bias', new Float32Array(1)] as const,
        ]),
    ['logit.bias', Float32Array.of(bias)],
  ]);
}
