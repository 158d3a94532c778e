import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { auc } from './auc.ts';
import { averagePrecision } from './average-precision.ts';
import { BinnedAuc } from './binned-auc.ts';
import { brier } from './brier.ts';
import { calibration } from './calibration.ts';
import { expectedCalibrationError } from './calibration-curve.ts';
import { aucDifference, aucEstimate } from './delong.ts';
import { logLoss } from './log-loss.ts';
import { normalQuantile } from './normal-quantile.ts';
import type { ScoredRows } from './scored-rows.ts';
import { sliceMetrics } from './slice-metrics.ts';

interface Four {
  readonly auc: number;
  readonly logLoss: number;
  readonly brier: number;
  readonly averagePrecision: number;
}
interface DeLong {
  readonly auc: number;
  readonly aucStandardError: number;
  readonly difference: number;
  readonly standardError: number;
  readonly low: number;
  readonly high: number;
}
interface SklearnGolden {
  readonly plain: Four;
  readonly weighted: Four;
  readonly tied: Four;
  readonly device: Readonly<Record<string, Four>>;
  readonly expectedCalibrationError: { readonly width: number };
  readonly delong: {
    readonly first2000: DeLong;
    readonly first2000Tied: DeLong;
    readonly mlstatkit: { readonly z: number };
    readonly confidenceinterval: { readonly auc: number; readonly low: number; readonly high: number };
  };
  readonly normalQuantile: Readonly<Record<string, number>>;
}

const folder = new URL('../../../../test/data/metrics/', import.meta.url);
const golden = JSON.parse(readFileSync(new URL('sklearn-metrics.json', folder), 'utf8')) as SklearnGolden;
const tfma = JSON.parse(readFileSync(new URL('tfma-metrics.json', folder), 'utf8')) as Record<
  string,
  Record<string, { doubleValue: number }>
>;
const lines = gunzipSync(readFileSync(new URL('tfma-input.csv.gz', folder)))
  .toString()
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','));
const devices = lines.map((line) => line[0] as string);
const slots = lines.map((line) => line[1] as string);
const labels = Float64Array.from(lines, (line) => Number(line[2]));
const scores = Float64Array.from(lines, (line) => Number(line[3]));
const weights = Float64Array.from(labels, (_, row) => (row % 7) + 1);
// The worse, correlated model and the one-decimal rounding (numpy rounds halves to even; no score lies on one) of sklearn-metrics.py.
const other = scores.map((score, row) => (row % 3 === 0 ? 1 - score : score) * 0.5 + 0.25);
const rounded = (values: Float64Array): Float64Array => values.map((value) => Math.round(value * 10) / 10);

const four = (rows: ScoredRows): Four => ({
  auc: auc(rows),
  logLoss: logLoss(rows),
  brier: brier(rows),
  averagePrecision: averagePrecision(rows),
});
const expectFour = (actual: Four, expected: Four): void => {
  for (const name of ['auc', 'logLoss', 'brier', 'averagePrecision'] as const)
    expect(actual[name], name).toBeCloseTo(expected[name], 12);
};

describe('metrics, against scikit-learn', () => {
  it.each([
    { why: 'plain rows', rows: { scores, labels }, expected: golden.plain },
    { why: 'weighted rows', rows: { scores, labels, weights }, expected: golden.weighted },
    { why: 'eleven distinct scores', rows: { scores: rounded(scores), labels }, expected: golden.tied },
  ])('agree on $why', ({ rows, expected }) => {
    expectFour(four(rows), expected);
  });

  it('agree on each slice', () => {
    const slices = sliceMetrics({ scores, labels }, devices);
    expect(slices.map((slice) => slice.value).toSorted()).toEqual(Object.keys(golden.device).toSorted());
    for (const slice of slices) expectFour(slice.metrics, golden.device[slice.value] as Four);
  });

  it('agree on the calibration error in bins of equal width', () => {
    expect(expectedCalibrationError({ scores, labels })).toBeCloseTo(golden.expectedCalibrationError.width, 12);
  });

  it('agree on the normal quantile', () => {
    for (const [probability, z] of Object.entries(golden.normalQuantile))
      expect(normalQuantile(Number(probability)) / (z || 1)).toBeCloseTo(z ? 1 : 0, 8);
  });
});

describe("DeLong's intervals", () => {
  const first = <T extends Float64Array>(values: T): Float64Array => values.slice(0, 2000);

  it.each([
    { why: 'without ties', candidate: scores, baseline: other, expected: golden.delong.first2000 },
    { why: 'with ties', candidate: rounded(scores), baseline: rounded(other), expected: golden.delong.first2000Tied },
  ])('equal the definition over all pairs $why', ({ candidate, baseline, expected }) => {
    const difference = aucDifference({ candidate: first(candidate), baseline: first(baseline), labels: first(labels) });
    expect(difference.value).toBeCloseTo(expected.difference, 12);
    expect(difference.standardError).toBeCloseTo(expected.standardError, 12);
    expect(difference.low).toBeCloseTo(expected.low, 9);
    expect(difference.high).toBeCloseTo(expected.high, 9);
    const one = aucEstimate({ scores: first(candidate), labels: first(labels) });
    expect(one.value).toBeCloseTo(expected.auc, 12);
    expect(one.standardError).toBeCloseTo(expected.aucStandardError, 12);
  });

  it('equal two packages on 20,000 rows', () => {
    // That package keeps its ranks in float32: 6e-8 off scikit-learn's AUC already.
    const one = aucEstimate({ scores, labels });
    expect(one.low).toBeCloseTo(golden.delong.confidenceinterval.low, 6);
    expect(one.high).toBeCloseTo(golden.delong.confidenceinterval.high, 6);
    const difference = aucDifference({ candidate: scores, baseline: other, labels });
    expect(Math.abs(difference.value / difference.standardError)).toBeCloseTo(Math.abs(golden.delong.mlstatkit.z), 6);
  });
});

describe('metrics, against TensorFlow Model Analysis', () => {
  const columns = { device: devices, slot: slots };

  it('agree overall and on each slice as far as its thresholds and float32 reach', () => {
    let compared = 0;
    for (const [key, expected] of Object.entries(tfma)) {
      const [, column, value] = /^\(\('(\w+)', '(\w+)'\),\)$/.exec(key) ?? [];
      const keep =
        column === undefined
          ? () => true
          : (_: unknown, row: number) => columns[column as 'device' | 'slot'][row] === value;
      const rows = { scores: scores.filter(keep), labels: labels.filter(keep) };
      const { ratio, meanLabel, meanPrediction } = calibration(rows);
      expect(rows.labels.length, key).toBe(expected['example_count']?.doubleValue);
      expect(Math.abs(auc(rows) - (expected['auc']?.doubleValue as number)), key).toBeLessThan(2e-5);
      expect(logLoss(rows), key).toBeCloseTo(expected['binary_crossentropy']?.doubleValue as number, 6);
      expect(ratio, key).toBeCloseTo(expected['calibration']?.doubleValue as number, 9);
      expect(meanLabel, key).toBeCloseTo(expected['mean_label']?.doubleValue as number, 9);
      expect(meanPrediction, key).toBeCloseTo(expected['mean_prediction']?.doubleValue as number, 9);
      compared++;
    }
    expect(compared).toBe(8);
  });
});

describe('BinnedAuc', () => {
  it('is within 1e-5 of the exact AUC and merges to the same counts in any order', () => {
    const parts = [new BinnedAuc(), new BinnedAuc(), new BinnedAuc()];
    scores.forEach((score, row) => (parts[row % 3] as BinnedAuc).add(score, labels[row] as 0 | 1));
    const merged = new BinnedAuc();
    for (const part of parts) merged.merge(part);
    const backwards = new BinnedAuc();
    for (const part of parts.toReversed()) backwards.merge(new BinnedAuc(part.bins, part.counts()));
    expect(Math.abs(merged.auc() - golden.plain.auc)).toBeLessThan(1e-5);
    expect(backwards.auc()).toBe(merged.auc());
  });
});
