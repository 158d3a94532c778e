import { describe, expect, it } from 'vitest';
import { type Calibration, uncalibrated } from '@adstocrat/models';
import { calibrationOnMore } from './calibration-on-more.ts';

describe('calibrationOnMore', () => {
  it('takes the root of a slope where half of the rows are new, and half of the shift', () => {
    // At the middle of −2 scores were 1.44 · −2 + 1.08 = −1.8 instead of −2: .2 higher. Now .1: 1.2 · −2 + .5 = −1.9.
    const platt: Calibration = { method: 'platt', slope: 1.44, intercept: 1.08 };
    const after = calibrationOnMore(platt, 0.5, -2);
    expect(after).toEqual({ method: 'platt', slope: 1.2, intercept: expect.closeTo(0.5, 9) as number });
  });

  it('is the same where no rows are new', () => {
    const temperature: Calibration = { method: 'temperature', slope: 0.8, intercept: 0 };
    expect(calibrationOnMore(temperature, 1, -2)).toMatchObject({
      slope: 0.8,
      intercept: expect.closeTo(0, 9) as number,
    });
  });

  it.each<[string, Calibration]>([
    ['none', uncalibrated],
    ['isotonic', { method: 'isotonic', from: [-1, 1], to: [-2, 2] }],
    ['a slope against the model', { method: 'platt', slope: -0.1, intercept: -2 }],
  ])('leaves %s', (_what, calibration) => {
    expect(calibrationOnMore(calibration, 0.5, -2)).toEqual(calibration);
  });
});
