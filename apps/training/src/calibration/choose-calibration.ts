import { rowLogLoss } from '@adstocrat/metrics';
import { type Calibration, scorer } from '@adstocrat/models';
import { type CalibrationMethod, methodsFor } from './methods.ts';

/** Stretches of the rows, in their order, of which each is judged by what the others fitted. */
const folds = 5;
/** Another method than the first must be better by so many standard errors of the difference. */
const worthwhile = 1;

/** How one method did on rows that it was not fitted on. */
export interface TriedCalibration {
  readonly method: string;
  /** Mean log-loss. */
  readonly loss: number;
}

export interface ChosenCalibration {
  readonly calibration: Calibration;
  readonly tried: readonly TriedCalibration[];
}

/**
 * The calibration that foretells rows best on which it was not fitted, then fitted on all rows: Platt scaling, unless another is better by more
 * than chance may make it. Stretches rather than draws are left out, since what a server scores lies later in time. Yields to the event loop meanwhile.
 */
export async function chooseCalibration(logits: Float32Array, labels: Float32Array): Promise<ChosenCalibration> {
  const clicks = labels.reduce((sum, label) => sum + label, 0);
  const tried = [];
  for (const [method, fit] of Object.entries(methodsFor(Math.min(clicks, labels.length - clicks)))) {
    const losses = await heldOutLosses(fit, logits, labels);
    tried.push({ method, fit, losses, loss: mean(losses) });
  }
  const [first, ...others] = tried;
  if (first === undefined) throw new RangeError('there is no method to calibrate by');
  const better = others.filter(({ losses }) => isBetter(losses, first.losses));
  const chosen = better.reduce((one, other) => (other.loss < one.loss ? other : one), better[0] ?? first);
  return { calibration: chosen.fit(logits, labels), tried: tried.map(({ method, loss }) => ({ method, loss })) };
}

/** A row's log-loss by what the other stretches fitted. */
async function heldOutLosses(
  fit: CalibrationMethod,
  logits: Float32Array,
  labels: Float32Array,
): Promise<Float64Array> {
  const losses = new Float64Array(logits.length);
  for (let fold = 0; fold < folds; fold += 1) {
    const [from, to] = [fold, fold + 1].map((at) => Math.floor((at * logits.length) / folds)) as [number, number];
    const others = (values: Float32Array): Float32Array =>
      Float32Array.from([...values.subarray(0, from), ...values.subarray(to)]);
    const score = scorer(fit(others(logits), others(labels)));
    for (let row = from; row < to; row += 1) losses[row] = rowLogLoss(score(logits[row]!), labels[row]!);
    await new Promise(setImmediate);
  }
  return losses;
}

/** Whether the mean of `losses` is below that of `reference` by more than chance may make it: paired over rows. */
function isBetter(losses: Float64Array, reference: Float64Array): boolean {
  const differences = losses.map((loss, row) => loss - reference[row]!);
  const middle = mean(differences);
  const variance = mean(differences.map((one) => (one - middle) ** 2));
  return middle < -worthwhile * Math.sqrt(variance / differences.length);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}
