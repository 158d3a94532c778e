import { type Calibration, scorer } from '@adstocrat/models';

/** Halvings of the stretch in which the shift lies: to a millionth of it. */
const halvings = 40;
const farthest = 10;

/**
 * A calibration for a model that was fitted again on more rows, `share` of which it was fitted on before. What its slope lacks to 1 goes with the rows, as one by their number; and logits are
 * shifted so that scores of these rows are on average what their labels are, as they were before: what the first fit did not know of their rate, the second knows in part.
 */
export function recalibrated(
  calibration: Calibration,
  share: number,
  logits: Float32Array,
  labels: Float32Array,
): Calibration {
  if (calibration.method === 'none') return calibration;
  const nearer =
    calibration.method === 'isotonic' ? calibration : { ...calibration, slope: slopeOnMore(calibration.slope, share) };
  const wanted = labels.reduce((sum, label) => sum + label, 0);
  let [low, high] = [-farthest, farthest];
  for (let halving = 0; halving < halvings; halving += 1) {
    const middle = (low + high) / 2;
    const score = scorer(shifted(nearer, middle));
    const said = logits.reduce((sum, logit) => sum + score(logit), 0);
    if (said < wanted) low = middle;
    else high = middle;
  }
  return shifted(nearer, (low + high) / 2);
}

/** What a slope comes to on more rows, `share` of which are those of before. */
export function slopeOnMore(slope: number, share: number): number {
  return slope > 0 ? slope ** share : slope;
}

/** The same of logits that are higher by so much. */
function shifted(calibration: Calibration, by: number): Calibration {
  if (calibration.method === 'isotonic') return { ...calibration, from: calibration.from.map((logit) => logit - by) };
  return { ...calibration, method: 'platt', intercept: calibration.intercept + calibration.slope * by };
}
