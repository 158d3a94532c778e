import type { Estimate, RowMetrics } from '@adstocrat/metrics';
import { describe, expect, it } from 'vitest';
import { judge } from './gate.ts';
import type { GateInput } from './gate.ts';
import { defaultThresholds, thresholdsOf } from './thresholds.ts';

const metrics = (change: Partial<RowMetrics> = {}): RowMetrics => {
  const positives = change.positives ?? 1_000;
  const calibration = change.calibration ?? 1;
  return {
    rows: 20_000,
    positives,
    auc: 0.7,
    logLoss: 0.2,
    calibration,
    meanLabel: positives / 20_000,
    meanPrediction: (calibration * positives) / 20_000,
    brier: 0.05,
    averagePrecision: 0.2,
    expectedCalibrationError: 0.01,
    ...change,
  };
};
const estimate = (value: number, halfWidth: number): Estimate => ({
  value,
  standardError: halfWidth / 1.96,
  low: value - halfWidth,
  high: value + halfWidth,
});
const first = (
  change: Partial<RowMetrics> = {},
  auc = estimate(0.7, 0.02),
  againstBaseRate = estimate(-0.01, 0.002),
): GateInput => ({
  candidate: metrics(change),
  auc,
  againstBaseRate,
  thresholds: defaultThresholds,
});
const beside = (
  difference: Estimate,
  change: Partial<RowMetrics> = {},
  baseline: Partial<RowMetrics> = {},
): GateInput => ({
  ...first(change),
  baseline: { version: 3, metrics: metrics(baseline), aucDifference: difference },
});

describe('judge', () => {
  it.each<{ readonly why: string; readonly input: GateInput }>([
    { why: 'a first model above chance', input: first() },
    { why: 'a candidate shown better', input: beside(estimate(0.02, 0.005)) },
    { why: 'a candidate a little worse, shown within the margin', input: beside(estimate(-0.004, 0.005)) },
    { why: 'a candidate that ranks alike', input: beside(estimate(0, 0)) },
    { why: 'a first model that may be worse than the base rate', input: first({}, undefined, estimate(0.001, 0.002)) },
    {
      why: 'a candidate worse than the base rate, as the model in service may be too',
      input: { ...beside(estimate(0.02, 0.005)), againstBaseRate: estimate(0.01, 0.002) },
    },
    {
      why: 'a model of a column that tells the label, unless the task asks for more',
      input: {
        ...first({ auc: 1 }, estimate(1, 0)),
        loneAucs: new Map([['click_time', 1]]),
        thresholds: thresholdsOf({}),
      },
    },
    {
      why: 'a column that told the label among rows that chose the model, and not among those held out',
      input: { ...first(), loneAucs: new Map([['price', 1]]), thresholds: thresholdsOf({ loneAuc: 0.999 }) },
    },
    { why: 'a calibration a little off', input: first({ calibration: 1.15 }) },
    { why: 'a calibration as far off as few positives may be', input: first({ positives: 100, calibration: 1.3 }) },
    {
      why: 'a bad calibration, no worse than the one in service',
      input: beside(estimate(0.02, 0.005), { calibration: 1.5 }, { calibration: 1.6 }),
    },
  ])('blesses $why', ({ input }) => {
    expect(judge(input)).toEqual({ blessed: true, reasons: [] });
  });

  it.each<{ readonly why: string; readonly input: GateInput }>([
    { why: 'a first model with ten positives', input: first({ positives: 10, auc: 0.45 }, estimate(0.45, 0.2)) },
    {
      why: 'a first model with one positive and no interval',
      input: first({ positives: 1 }, { value: 0.7, standardError: NaN, low: NaN, high: NaN }),
    },
    {
      why: 'ten positives where 17 were promised',
      input: first({ positives: 10, calibration: 1.7 }, estimate(0.6, 0.2)),
    },
    { why: 'a candidate shown better by few', input: beside(estimate(0.2, 0.1), { positives: 30 }) },
  ])('blesses $why on weak evidence', ({ input }) => {
    expect(judge(input)).toEqual({
      blessed: true,
      reasons: [`on weak evidence: ${input.candidate.positives} positives, 100 wanted`],
    });
  });

  it.each<{ readonly why: string; readonly input: GateInput; readonly reason: string }>([
    {
      why: 'a first model below chance',
      input: first({ auc: 0.49 }, estimate(0.49, 0.02)),
      reason: 'AUC 0.4900 is below 0.5',
    },
    {
      why: 'a first model shown below chance by few',
      input: first({ positives: 10, auc: 0.2 }, estimate(0.2, 0.1)),
      reason: 'AUC is shown below 0.5: 0.2000 [0.1000, 0.3000]',
    },
    {
      why: 'a first model shown worse than the base rate',
      input: first({}, undefined, estimate(0.01, 0.002)),
      reason: "log-loss is shown worse than the constant base rate's: difference 0.0100 [0.0080, 0.0120]",
    },
    {
      why: 'a first model shown worse than the base rate by few',
      input: first({ positives: 38 }, estimate(0.55, 0.1), estimate(0.003, 0.002)),
      reason: "log-loss is shown worse than the constant base rate's: difference 0.0030 [0.0010, 0.0050]",
    },
    {
      why: 'a model of a column that tells the label',
      input: {
        ...first({ auc: 1 }, estimate(1, 0)),
        loneAucs: new Map([
          ['click_time', 1],
          ['price', 0.96],
        ]),
        thresholds: thresholdsOf({ loneAuc: 0.999 }),
      },
      reason:
        'column "click_time" alone ranks with AUC 1.0000, as what is known only after the label does: set features: {click_time: ignore} in the task, or, where every request will have it, raise thresholds: {loneAuc: 0.999}',
    },
    {
      why: 'a difference from the base rate that is missing',
      input: first({}, undefined, estimate(NaN, NaN)),
      reason: 'log-loss difference from the base rate is not defined on 20000 held-out rows with 1000 positives',
    },
    {
      why: 'no positives',
      input: first({ positives: 0, auc: NaN, calibration: Infinity }),
      reason: 'AUC is not defined on 20000 held-out rows with 0 positives',
    },
    {
      why: 'a log-loss that is missing',
      input: first({ logLoss: NaN }),
      reason: 'log-loss is not defined on 20000 held-out rows with 1000 positives',
    },
    {
      why: 'an interval that is missing',
      input: first({}, estimate(0.7, NaN)),
      reason: "AUC's interval is not defined on 20000 held-out rows with 1000 positives",
    },
    {
      why: 'a candidate that may be worse than the margin',
      input: beside(estimate(0.003, 0.0135)),
      reason: "AUC is not shown within 0.01 of version 3's: difference 0.0030 [-0.0105, 0.0165]",
    },
    {
      why: 'a candidate shown worse',
      input: beside(estimate(-0.05, 0.01)),
      reason: "AUC is not shown within 0.01 of version 3's: difference -0.0500 [-0.0600, -0.0400]",
    },
    {
      why: 'few positives that show nothing',
      input: beside(estimate(0.1, 0.1), { positives: 30 }),
      reason:
        "30 positives are weak evidence, and the AUC is not shown better than version 3's: difference 0.1000 [0.0000, 0.2000]",
    },
    {
      why: 'a difference that is missing',
      input: beside(estimate(NaN, NaN)),
      reason: "AUC difference's interval is not defined on 20000 held-out rows with 1000 positives",
    },
    {
      why: 'a model in service that could not be measured',
      input: beside(estimate(0.1, 0.01), {}, { auc: NaN }),
      reason: 'AUC of the model in service is not defined on 20000 held-out rows with 1000 positives',
    },
    {
      why: 'too many clicks promised',
      input: first({ calibration: 1.4 }),
      reason: 'mean prediction is 1.4000 of mean label, more than 0.2 from 1',
    },
    {
      why: 'too few clicks promised',
      input: first({ calibration: 0.6 }),
      reason: 'mean prediction is 0.6000 of mean label, more than 0.2 from 1',
    },
    {
      why: 'a calibration worse than the one in service',
      input: beside(estimate(0.05, 0.01), { calibration: 1.6 }, { calibration: 1.5 }),
      reason: 'mean prediction is 1.6000 of mean label, more than 0.2 from 1',
    },
  ])('refuses $why', ({ input, reason }) => {
    const { blessed, reasons } = judge(input);
    expect(blessed).toBe(false);
    expect(reasons).toContain(reason);
  });

  it('takes the limits of the task', () => {
    expect(judge({ ...first(), thresholds: thresholdsOf({ minAuc: 0.75 }) }).reasons).toEqual([
      'AUC 0.7000 is below 0.75',
    ]);
    expect(judge({ ...beside(estimate(0.003, 0.0135)), thresholds: thresholdsOf({ aucMargin: 0.02 }) }).blessed).toBe(
      true,
    );
    expect(judge({ ...first({ positives: 50 }), thresholds: thresholdsOf({ minPositives: 20 }) }).reasons).toEqual([]);
  });
});
