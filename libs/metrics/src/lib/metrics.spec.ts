import { describe, expect, it } from 'vitest';
import {
  auc,
  aucDifference,
  aucEstimate,
  averagePrecision,
  BinnedAuc,
  calibration,
  calibrationCurve,
  logLoss,
  logLossDifference,
  sliceMetrics,
} from '../index.ts';

describe('auc', () => {
  it.each([
    { why: 'every positive is above', scores: [0.1, 0.2, 0.8, 0.9], labels: [0, 0, 1, 1], expected: 1 },
    { why: 'every positive is below', scores: [0.9, 0.8, 0.2, 0.1], labels: [0, 0, 1, 1], expected: 0 },
    { why: 'all are tied', scores: [0.5, 0.5, 0.5], labels: [0, 1, 1], expected: 0.5 },
    // Pairs (positive, negative): .4>.1 ✓, .4=.4 ½, .8>.1 ✓, .8>.4 ✓ → 3.5 of 4.
    { why: 'one pair is tied', scores: [0.1, 0.4, 0.4, 0.8], labels: [0, 0, 1, 1], expected: 0.875 },
    { why: 'there are no positives', scores: [0.1, 0.2], labels: [0, 0], expected: NaN },
    { why: 'there are no rows', scores: [], labels: [], expected: NaN },
  ])('is $expected where $why', ({ scores, labels, expected }) => {
    expect(auc({ scores, labels })).toBe(expected);
  });

  it.each([
    { rows: { scores: [0.1, NaN], labels: [0, 1] }, message: 'score of row 1 must be finite, got NaN' },
    { rows: { scores: [0.1, 0.2], labels: [0, 2] }, message: 'label of row 1 must be 0 or 1, got 2' },
    { rows: { scores: [0.1], labels: [0, 1] }, message: 'scores and labels must have one length, got 1 and 2' },
    { rows: { scores: [0.1], labels: [0], weights: [-1] }, message: 'weight of row 0 must be finite and >= 0, got -1' },
  ])('refuses rows with: $message', ({ rows, message }) => {
    expect(() => auc(rows)).toThrow(new RangeError(message));
  });
});

describe('logLoss', () => {
  it('is ln 2 for a coin', () => {
    expect(logLoss({ scores: [0.5, 0.5], labels: [0, 1] })).toBeCloseTo(Math.LN2, 15);
  });

  it('stays finite where a certain prediction is wrong', () => {
    expect(logLoss({ scores: [0], labels: [1] })).toBeCloseTo(-Math.log(1e-7), 12);
  });

  it('refuses what is not a probability', () => {
    expect(() => logLoss({ scores: [1.5], labels: [1] })).toThrow(
      new RangeError('score of row 0 must lie in [0, 1], got 1.5'),
    );
  });
});

describe('logLossDifference', () => {
  it('is 0 with an interval of no width for one model twice', () => {
    const rows = { candidate: [0.2, 0.7, 0.4], baseline: [0.2, 0.7, 0.4], labels: [0, 1, 1] };
    expect(logLossDifference(rows)).toEqual({ value: 0, standardError: 0, low: 0, high: 0 });
  });

  it('has the half-width of 1.96 standard errors of the mean', () => {
    // Per row: ln(½) − ln(¼) = ln 2 better, and ln(¾) − ln(½) = ln 1.5 worse; the standard error of two is |a − b| ÷ 2.
    const estimate = logLossDifference({ candidate: [0.5, 0.5], baseline: [0.25, 0.25], labels: [1, 0] });
    expect(estimate.value).toBeCloseTo((Math.log(1.5) - Math.LN2) / 2, 12);
    expect(estimate.standardError).toBeCloseTo((Math.log(1.5) + Math.LN2) / 2, 12);
    expect(estimate.high - estimate.value).toBeCloseTo(1.959963984540054 * estimate.standardError, 8);
  });
});

describe('aucDifference', () => {
  it('is 0 with an interval of no width for models that rank alike', () => {
    const candidate = [0.1, 0.4, 0.35, 0.8];
    const difference = aucDifference({
      candidate,
      baseline: candidate.map((score) => score / 2),
      labels: [0, 0, 1, 1],
    });
    expect(difference).toEqual({ value: 0, standardError: 0, low: 0, high: 0 });
  });

  it('has no interval with one positive', () => {
    expect(aucEstimate({ scores: [0.1, 0.2, 0.3], labels: [0, 0, 1] })).toMatchObject({
      value: 1,
      low: NaN,
      high: NaN,
    });
  });
});

describe('averagePrecision', () => {
  it('is the positives’ share where all are tied', () => {
    expect(averagePrecision({ scores: [0.5, 0.5, 0.5, 0.5], labels: [0, 0, 0, 1] })).toBe(0.25);
  });
});

describe('calibration', () => {
  it('is the mean prediction over the mean label', () => {
    const { meanPrediction, meanLabel, ratio } = calibration({ scores: [0.2, 0.4], labels: [0, 1], weights: [3, 1] });
    expect([meanPrediction, meanLabel, ratio]).toEqual([expect.closeTo(0.25, 12), 0.25, expect.closeTo(1, 12)]);
  });

  it('keeps equal scores in one bin of equal mass', () => {
    const curve = calibrationCurve({ scores: [0.1, 0.1, 0.1, 0.9], labels: [0, 1, 0, 1] }, { bins: 2, by: 'mass' });
    expect(curve.map((bin) => bin.weight)).toEqual([3, 1]);
  });
});

describe('sliceMetrics', () => {
  it('flags slices with too few of either class', () => {
    const scores = Array.from({ length: 40 }, (_, row) => row / 40);
    const labels = scores.map((_, row) => row % 2);
    const values = scores.map((_, row) => (row < 30 ? 'large' : 'small'));
    const slices = sliceMetrics({ scores, labels }, values, { minRows: 20, minPositives: 15 });
    expect(slices.map(({ value, weak, metrics }) => ({ value, weak, rows: metrics.rows }))).toEqual([
      { value: 'large', weak: false, rows: 30 },
      { value: 'small', weak: true, rows: 10 },
    ]);
  });
});

describe('BinnedAuc', () => {
  it('refuses to merge other bins', () => {
    expect(() => new BinnedAuc(10).merge(new BinnedAuc(20))).toThrow(
      new RangeError('both need 10 bins, the other has 20'),
    );
  });
});
