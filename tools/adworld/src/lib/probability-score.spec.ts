import { describe, expect, it } from 'vitest';
import { ProbabilityScore } from './probability-score.ts';
import { rankAuc } from './rank-auc.test-support.ts';
import { Random } from './random.ts';

describe('ProbabilityScore', () => {
  it('is the share of ordered pairs and the mean log-likelihood', () => {
    const score = new ProbabilityScore();
    // Positives 0.8, 0.4, negatives 0.4, 0.1: pairs won 1 + 1 + ½ + 1 of 4.
    for (const [prediction, outcome] of [
      [0.8, 1],
      [0.4, 1],
      [0.4, 0],
      [0.1, 0],
    ] as const)
      score.add(prediction, outcome);
    expect(score.score().auc).toBe(3.5 / 4);
    expect(score.score().logLoss).toBeCloseTo(-(Math.log(0.8) + Math.log(0.4) + Math.log(0.6) + Math.log(0.9)) / 4, 12);
  });

  it('counts a row of outcome 0.3 as 0.3 of a click and 0.7 of none', () => {
    const score = new ProbabilityScore();
    // Clicks: 0.3 at 0.3, 0.1 at 0.1. None: 0.7 at 0.3, 0.9 at 0.1. Won: 0.3 · (0.9 + 0.35) + 0.1 · 0.45 of 0.4 · 1.6.
    score.add(0.3, 0.3);
    score.add(0.1, 0.1);
    expect(score.score().auc).toBeCloseTo((0.3 * 1.25 + 0.1 * 0.45) / (0.4 * 1.6), 12);
  });

  it('agrees with an AUC by ranks on many rows', () => {
    const random = new Random(3, 'score');
    const score = new ProbabilityScore();
    const rows = Array.from({ length: 5000 }, () => {
      const prediction = 1 / (1 + Math.exp(3 - random.normal()));
      return { prediction, outcome: random.uniform() < prediction ? 1 : 0 };
    });
    for (const { prediction, outcome } of rows) score.add(prediction, outcome);
    expect(score.score().auc).toBeCloseTo(rankAuc(rows), 4);
  });
});
