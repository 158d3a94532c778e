import type { PlattScaling } from '@adstocrat/models';

/**
 * Platt scaling: slope and intercept that make sigmoid(slope · logit + intercept) most likely on held-out examples, by
 * Newton's method with halved steps. Targets are smoothed, (n₊ + 1) / (n₊ + 2) and 1 / (n₋ + 2), so that few positives give no
 * certainty. Where the logits carry nothing (a slope of 0 or less) only the intercept is fitted.
 * Source: J. Platt, "Probabilistic Outputs for Support Vector Machines", 1999; H.-T. Lin et al., 2007, for the iteration.
 */
export function plattScaling(logits: ArrayLike<number>, labels: ArrayLike<number>): PlattScaling {
  const fitted = newton(logits, labels, true);
  if (fitted.slope > 0) return fitted;
  return newton(logits, labels, false);
}

function newton(logits: ArrayLike<number>, labels: ArrayLike<number>, withSlope: boolean): PlattScaling {
  let positives = 0;
  for (let row = 0; row < labels.length; row += 1) positives += labels[row]!;
  const negatives = labels.length - positives;
  const targets = [1 / (negatives + 2), (positives + 1) / (positives + 2)] as const;
  let [slope, intercept] = [1, 0];
  let loss = lossOf(logits, labels, targets, slope, intercept);
  for (let iteration = 0; iteration < 100; iteration += 1) {
    let [gradientSlope, gradientIntercept, curveSlope, curveBoth, curveIntercept] = [0, 0, 1e-12, 0, 1e-12];
    for (let row = 0; row < logits.length; row += 1) {
      const logit = logits[row]!;
      const probability = 1 / (1 + Math.exp(-(slope * logit + intercept)));
      const difference = probability - targets[labels[row] === 1 ? 1 : 0];
      const weight = probability * (1 - probability);
      gradientSlope += difference * logit;
      gradientIntercept += difference;
      curveSlope += weight * logit * logit;
      curveBoth += weight * logit;
      curveIntercept += weight;
    }
    if (!withSlope) [gradientSlope, curveBoth] = [0, 0];
    const determinant = curveSlope * curveIntercept - curveBoth * curveBoth;
    if (!(determinant > 0)) break;
    const stepSlope = (curveIntercept * gradientSlope - curveBoth * gradientIntercept) / determinant;
    const stepIntercept = (curveSlope * gradientIntercept - curveBoth * gradientSlope) / determinant;
    let share = 1;
    for (; share > 1e-6; share /= 2) {
      const next = lossOf(logits, labels, targets, slope - share * stepSlope, intercept - share * stepIntercept);
      if (next < loss) {
        loss = next;
        break;
      }
    }
    if (share <= 1e-6) break;
    slope -= share * stepSlope;
    intercept -= share * stepIntercept;
  }
  return { slope, intercept };
}

function lossOf(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  targets: readonly [number, number],
  slope: number,
  intercept: number,
): number {
  let sum = 0;
  for (let row = 0; row < logits.length; row += 1) {
    const logit = slope * logits[row]! + intercept;
    sum += Math.max(logit, 0) - logit * targets[labels[row] === 1 ? 1 : 0] + Math.log1p(Math.exp(-Math.abs(logit)));
  }
  return sum;
}
