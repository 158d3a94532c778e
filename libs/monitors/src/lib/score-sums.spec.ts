import fc from 'fast-check';
import { aucEstimate, calibration, logLoss } from '@adstocrat/metrics';
import { describe, expect, it } from 'vitest';
import { ScoreSums } from './score-sums.ts';

const row = fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), clicked: fc.boolean() });

function sumsOf(rows: readonly { readonly score: number; readonly clicked: boolean }[]): ScoreSums {
  const sums = new ScoreSums();
  for (const { score, clicked } of rows) sums.add(score, clicked);
  return sums;
}

describe('ScoreSums', () => {
  it('gives the figures of the rows themselves, the AUC but for rows of one bin', () => {
    // Scores of a thousand distinct values of 1 % odds and more apart: no two of them share a bin of 0.7 %.
    const rows = Array.from({ length: 5000 }, (_, index) => {
      const odds = 0.001 * 1.01 ** ((index * 37) % 1000);
      return { score: odds / (1 + odds), clicked: (index * 7919) % 1000 < 100 + ((index * 37) % 1000) / 10 };
    });
    const sums = sumsOf(rows);
    const exact = { scores: rows.map(({ score }) => score), labels: rows.map(({ clicked }) => (clicked ? 1 : 0)) };
    const [estimate, expected] = [sums.auc(), aucEstimate(exact)];
    expect(estimate.value).toBeCloseTo(expected.value, 12);
    expect(estimate.low).toBeCloseTo(expected.low, 12);
    expect(estimate.high).toBeCloseTo(expected.high, 12);
    expect(sums.logLoss).toBeCloseTo(logLoss(exact), 12);
    expect(sums.calibration).toBeCloseTo(calibration(exact).ratio, 12);
  });

  it('comes to the same however the rows are split, stored and merged', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), fc.array(row, { maxLength: 60 }), (left, right) => {
        const whole = sumsOf([...left, ...right]).state();
        const merged = new ScoreSums();
        for (const part of [right, left])
          merged.merge(JSON.parse(JSON.stringify(sumsOf(part).state())) as ReturnType<ScoreSums['state']>);
        const { scores, logLoss: loss, ...counts } = merged.state();
        expect(counts).toEqual({ rows: whole.rows, positives: whole.positives, bins: whole.bins });
        expect(scores).toBeCloseTo(whole.scores, 9);
        expect(loss).toBeCloseTo(whole.logLoss, 9);
      }),
    );
  });
});
