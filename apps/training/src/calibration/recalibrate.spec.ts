import { describe, expect, it } from 'vitest';
import { type Calibration, scorer } from '@adstocrat/models';
import { recalibrated } from './recalibrate.ts';

const logits = Float32Array.of(-3, -1, 0, 0.5, 2);
const labels = Float32Array.of(0, 0, 1, 0, 1);

describe('recalibrated', () => {
  it.each<[string, Calibration]>([
    ['platt', { method: 'platt', slope: 1.44, intercept: 0.7 }],
    ['temperature', { method: 'temperature', slope: 0.81, intercept: 0 }],
    ['isotonic', { method: 'isotonic', from: [-2, 0, 1], to: [-4, 0.2, 0.9] }],
  ])('gives these rows their rate, by %s', (_method, calibration) => {
    const score = scorer(recalibrated(calibration, 0.5, logits, labels));
    expect(logits.reduce((sum, logit) => sum + score(logit), 0)).toBeCloseTo(2, 4);
  });

  it('takes of a slope as much as the rows of before are of all', () => {
    // Half of the rows: the root.
    const { slope } = recalibrated({ method: 'platt', slope: 1.44, intercept: 0.7 }, 0.5, logits, labels) as {
      readonly slope: number;
    };
    expect(slope).toBeCloseTo(1.2, 6);
    // A model that says nothing keeps what holds it back.
    const none = recalibrated({ method: 'platt', slope: -0.1, intercept: 0 }, 0.5, logits, labels);
    expect(none).toMatchObject({ slope: -0.1 });
  });

  it('leaves scores that go through none', () => {
    const none: Calibration = { method: 'none', slope: 1, intercept: 0 };
    expect(recalibrated(none, 0.5, logits, labels)).toBe(none);
  });
});
