import { describe, expect, it } from 'vitest';
import { judgePerformance } from './judge-performance.ts';
import { decideRetrain, type RetrainSnapshot } from './retrain-policy.ts';
import { ScoreSums } from './score-sums.ts';

/** 2,000 rows, 200 of them clicked, scored 0.1 on average; `good` has the clicked ones score higher. */
function rows(good: boolean): { scores: number[]; labels: number[] } {
  const labels = Array.from({ length: 2000 }, (_, row) => (row % 10 === 0 ? 1 : 0));
  const scores = labels.map(
    (label, row) => (good ? (label === 1 ? 0.28 : 0.08) : 0.05 + (row % 101) / 1000) + (row % 7) / 1e6,
  );
  return { scores, labels };
}
function sums({
  scores,
  labels,
}: {
  readonly scores: readonly number[];
  readonly labels: readonly number[];
}): ScoreSums {
  const made = new ScoreSums();
  for (const [row, score] of scores.entries()) made.add(score, labels[row] === 1);
  return made;
}
const alerts = (of: ReturnType<typeof judgePerformance>): readonly string[] =>
  of.filter(({ alerted }) => alerted).map(({ monitor }) => monitor);

describe('judgePerformance', () => {
  it('is content with a model that does as it was evaluated', () => {
    const readings = judgePerformance(sums(rows(true)), 0.9);
    expect(alerts(readings)).toEqual([]);
    expect(readings.find(({ monitor }) => monitor === 'live_auc')?.value).toBe(1);
    // 0.1 × 0.28 + 0.9 × 0.08 = 0.1, the share of clicks.
    expect(readings.find(({ monitor }) => monitor === 'live_calibration')?.value).toBeCloseTo(1, 3);
  });

  it('alerts where the scores stopped telling clicks from the rest', () => {
    expect(alerts(judgePerformance(sums(rows(false)), 0.75))).toEqual(['live_auc']);
  });

  it('does not alert where the interval still holds the evaluated AUC', () => {
    const few = { scores: rows(false).scores.slice(0, 400), labels: rows(false).labels.slice(0, 400) };
    // 40 clicks: the interval of an AUC near 0.5 is about ±0.09 wide.
    expect(alerts(judgePerformance(sums(few), 0.58))).toEqual([]);
  });

  it('alerts where the scores promise twice the clicks', () => {
    const { scores, labels } = rows(true);
    expect(alerts(judgePerformance(sums({ scores: scores.map((score) => score * 2), labels }), 0.9))).toEqual([
      'live_calibration',
    ]);
  });

  it('says nothing by a handful of clicks', () => {
    expect(judgePerformance(sums({ scores: [0.1, 0.9], labels: [0, 1] }), 0.9)).toEqual([]);
  });
});

describe('decideRetrain', () => {
  const limits = { coolDownMs: 1000, minLabelled: 50 };
  const snapshot: RetrainSnapshot = { nowMs: 10_000, openAlertOnsetsMs: [9000], labelledSinceOnset: 50 };
  it.each<[string, Partial<RetrainSnapshot>, string]>([
    ['asks once there is enough to learn from', {}, 'request'],
    ['does not ask without an alert', { openAlertOnsetsMs: [] }, 'no alert'],
    ['waits for labels', { labelledSinceOnset: 49 }, 'too few labelled rows'],
    ['cools down', { lastRequestMs: 9001 }, 'cooling down'],
    ['asks again after the cool-down', { lastRequestMs: 9000 }, 'request'],
  ])('%s', (_, change, expected) => {
    const decision = decideRetrain({ ...snapshot, ...change }, limits);
    expect(decision.kind === 'request' ? 'request' : decision.because).toBe(expected);
  });
});
