import type { PlattScaling } from '@adstocrat/models';

const [least, most] = [0.05, 20] as const;

/**
 * The slope in [0.05, 20] that makes sigmoid(slope · logit) most likely: the mean log-loss is convex in it, and its derivative's sign halves the range.
 * Source: C. Guo et al., "On Calibration of Modern Neural Networks", 2017, whose temperature is 1 ÷ slope.
 */
export function temperature(logits: ArrayLike<number>, labels: ArrayLike<number>): PlattScaling {
  let [low, high] = [Math.log(least), Math.log(most)];
  for (let halving = 0; halving < 40; halving += 1) {
    const middle = (low + high) / 2;
    if (derivative(logits, labels, Math.exp(middle)) > 0) high = middle;
    else low = middle;
  }
  return { slope: Math.exp((low + high) / 2), intercept: 0 };
}

/** Of the summed log-loss, by the slope. */
function derivative(logits: ArrayLike<number>, labels: ArrayLike<number>, slope: number): number {
  let sum = 0;
  for (let row = 0; row < logits.length; row += 1)
    sum += (1 / (1 + Math.exp(-slope * logits[row]!)) - labels[row]!) * logits[row]!;
  return sum;
}
