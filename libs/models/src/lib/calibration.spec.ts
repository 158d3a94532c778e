import { describe, expect, it } from 'vitest';
import { type Calibration, scorer, uncalibrated } from './calibration.ts';

const logit = (score: number): number => Math.log(score / (1 - score));

describe('scorer', () => {
  it.each<{ why: string; calibration: Calibration; at: number; gives: number }>([
    { why: 'as it is', calibration: uncalibrated, at: 1.5, gives: 1.5 },
    { why: 'scaled', calibration: { method: 'platt', slope: 0.5, intercept: -1 }, at: 3, gives: 0.5 },
    { why: 'on a step', calibration: { method: 'isotonic', from: [-2, 0, 1], to: [-3, -1, 4] }, at: 0, gives: -1 },
    // Half way between the first two, then three quarters of the way to the third.
    { why: 'between steps', calibration: { method: 'isotonic', from: [-2, 0, 1], to: [-3, -1, 4] }, at: -1, gives: -2 },
    { why: 'higher up', calibration: { method: 'isotonic', from: [-2, 0, 1], to: [-3, -1, 4] }, at: 0.75, gives: 2.75 },
    // Beyond the ends it rises by 1.
    { why: 'below', calibration: { method: 'isotonic', from: [-2, 0, 1], to: [-3, -1, 4] }, at: -5, gives: -6 },
    { why: 'above', calibration: { method: 'isotonic', from: [-2, 0, 1], to: [-3, -1, 4] }, at: 3, gives: 6 },
    { why: 'by one step alone', calibration: { method: 'isotonic', from: [2], to: [-1] }, at: 7, gives: 4 },
  ])('takes a logit $why', ({ calibration, at, gives }) => {
    expect(logit(scorer(calibration)(at))).toBeCloseTo(gives, 10);
  });
});
