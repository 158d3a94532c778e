import { describe, expect, it } from 'vitest';
import { plattScaling } from './platt-scaling.ts';

/** `rows` copies of each logit, of which the share sigmoid(slope · logit + intercept), rounded, is positive. */
function examples(slope: number, intercept: number, rows: number): { logits: number[]; labels: number[] } {
  const logits: number[] = [];
  const labels: number[] = [];
  for (let logit = -4; logit <= 2; logit += 0.25) {
    const positives = Math.round(rows / (1 + Math.exp(-(slope * logit + intercept))));
    for (let row = 0; row < rows; row += 1) {
      logits.push(logit);
      labels.push(row < positives ? 1 : 0);
    }
  }
  return { logits, labels };
}

describe('plattScaling', () => {
  it.each([
    { slope: 1, intercept: 0 },
    { slope: 0.5, intercept: -1 },
    { slope: 2, intercept: 0.7 },
  ])('finds slope $slope and intercept $intercept again', ({ slope, intercept }) => {
    const { logits, labels } = examples(slope, intercept, 4000);
    const found = plattScaling(logits, labels);
    // Rounding the positives moves each share by 1/8000 at most, the smoothed targets by about 1/100,000.
    expect(found.slope).toBeCloseTo(slope, 2);
    expect(found.intercept).toBeCloseTo(intercept, 2);
  });

  it('makes the mean score the share of positives', () => {
    const { logits, labels } = examples(1.4, -2, 500);
    const { slope, intercept } = plattScaling(logits, labels);
    const mean =
      logits.reduce((sum, logit) => sum + 1 / (1 + Math.exp(-(slope * logit + intercept))), 0) / logits.length;
    const positives = labels.reduce((sum, label) => sum + label, 0);
    // The smoothed targets' own mean: the gradient of the intercept is zero there.
    const target =
      (positives * ((positives + 1) / (positives + 2)) +
        (labels.length - positives) / (labels.length - positives + 2)) /
      labels.length;
    expect(mean).toBeCloseTo(target, 8);
  });

  it('never turns the order round', () => {
    const found = plattScaling([-2, -1, 1, 2], [1, 1, 0, 0]);
    expect(found.slope).toBeGreaterThan(0);
  });

  it('stays finite without a positive', () => {
    const { slope, intercept } = plattScaling([-3, -2, -4], [0, 0, 0]);
    expect(Number.isFinite(slope) && Number.isFinite(intercept)).toBe(true);
  });
});
