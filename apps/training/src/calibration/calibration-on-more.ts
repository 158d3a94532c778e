import type { Calibration } from '@adstocrat/models';

/**
 * The calibration of a model that was fitted again, on rows of which `share` are those of before and the rest those that it was calibrated by. It made up for what the fit had wrong of these, and of that the new fit has
 * learned its part: so much less is left of what the slope lacks to 1, and of the shift at `middle`, the mean of the logits. An isotonic one stays as it is, and so does a slope against the model.
 */
export function calibrationOnMore(calibration: Calibration, share: number, middle: number): Calibration {
  const { method } = calibration;
  if (method === 'isotonic' || method === 'none' || !(calibration.slope > 0)) return calibration;
  const slope = slopeOnMore(calibration.slope, share);
  const shift = calibration.intercept + (calibration.slope - 1) * middle;
  const intercept = share * shift + (1 - slope) * middle;
  return { method: 'platt', slope, intercept };
}

/** What a slope comes to; one against the model stays. */
export function slopeOnMore(slope: number, share: number): number {
  return slope > 0 ? slope ** share : slope;
}
