import type { Layer } from './layers/layers.ts';
import type { ModelSpec } from './model-spec.ts';
import type { Weights } from './parameter.ts';

/** Platt scaling: score = sigmoid(slope · logit + intercept). */
export interface PlattScaling {
  readonly slope: number;
  readonly intercept: number;
}

/** A rising, piecewise linear function of the logit through (from[k], to[k]), both in log-odds and ascending; beyond its ends it rises by 1. */
export interface PiecewiseCalibration {
  readonly method: 'isotonic';
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** What turns a model's logit into that of a probability: data of a servable, `calibration.json`. `temperature` has no intercept, `none` no slope either. */
export type Calibration = (PlattScaling & { readonly method: 'platt' | 'temperature' | 'none' }) | PiecewiseCalibration;

/** Logits as they are. */
export const uncalibrated: Calibration = { method: 'none', slope: 1, intercept: 0 };

/** From a model's logit to the calibrated probability. */
export function scorer(calibration: Calibration): (logit: number) => number {
  const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));
  if (calibration.method !== 'isotonic') {
    const { slope, intercept } = calibration;
    return (logit) => sigmoid(slope * logit + intercept);
  }
  const { shift, bends } = bendsOf(calibration);
  return (logit) => sigmoid(bends.reduce((sum, { at, by }) => sum + by * Math.max(0, logit - at), logit + shift));
}

/** The model with its calibration behind it, as layers: what serving computes. */
export function calibratedModel(
  { inputs, layers, logit }: ModelSpec,
  weights: Weights,
  calibration: Calibration,
): { readonly spec: ModelSpec; readonly weights: Weights } {
  const added = calibration.method === 'isotonic' ? bent(logit, calibration) : scaled(logit, calibration);
  return {
    spec: { version: 2, inputs, layers: [...layers, ...added.layers], logit: added.layers.at(-1)?.name ?? logit },
    weights: new Map([...weights, ...added.weights]),
  };
}

interface Added {
  readonly layers: readonly Layer[];
  readonly weights: readonly (readonly [string, Float32Array])[];
}

function scaled(logit: string, { slope, intercept }: PlattScaling): Added {
  return {
    layers: [
      { op: 'weighted-sum', name: 'calibration.scaled', of: [{ layer: logit, weight: slope }] },
      { op: 'bias', name: 'calibration', of: 'calibration.scaled' },
    ],
    weights: [['calibration.bias', Float32Array.of(intercept)]],
  };
}

/** logit + shift + Σ by · max(0, logit − at), as two dense layers beside the logit. */
function bent(logit: string, calibration: PiecewiseCalibration): Added {
  const { shift, bends } = bendsOf(calibration);
  return {
    layers: [
      { op: 'dense', name: 'calibration.bends', of: logit, units: bends.length, rectified: true },
      { op: 'dense', name: 'calibration.bent', of: 'calibration.bends', units: 1, rectified: false },
      {
        op: 'weighted-sum',
        name: 'calibration',
        of: [logit, 'calibration.bent'].map((layer) => ({ layer, weight: 1 })),
      },
    ],
    weights: [
      ['calibration.bends.kernel', new Float32Array(bends.length).fill(1)],
      ['calibration.bends.bias', Float32Array.from(bends, ({ at }) => -at)],
      ['calibration.bent.kernel', Float32Array.from(bends, ({ by }) => by)],
      ['calibration.bent.bias', Float32Array.of(shift)],
    ],
  };
}

/** Where the function bends and by how much its slope changes there; before the first bend it is logit + shift. */
function bendsOf({ from, to }: PiecewiseCalibration): {
  readonly shift: number;
  readonly bends: readonly { readonly at: number; readonly by: number }[];
} {
  let before = 1;
  const bends = from.map((at, index) => {
    const [nextFrom, nextTo] = [from[index + 1], to[index + 1]];
    const slope = nextFrom === undefined || nextTo === undefined ? 1 : (nextTo - to[index]!) / (nextFrom - at);
    const by = slope - before;
    before = slope;
    return { at, by };
  });
  return { shift: to[0]! - from[0]!, bends };
}
