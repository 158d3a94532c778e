import { describe, expect, it } from 'vitest';
import { scorer } from '@adstocrat/models';
import { isotonic } from './isotonic.ts';

/** Rows of one logit, so many of which are positive. */
const rowsOf = (groups: readonly { readonly logit: number; readonly rows: number; readonly positives: number }[]) => ({
  logits: groups.flatMap(({ logit, rows }) => new Array<number>(rows).fill(logit)),
  labels: groups.flatMap(({ rows, positives }) => Array.from({ length: rows }, (_, row) => (row < positives ? 1 : 0))),
});
const shareOf = (logOdds: number | undefined): number => 1 / (1 + Math.exp(-(logOdds ?? NaN)));

describe('isotonic', () => {
  it('keeps shares that rise, and pools those that do not', () => {
    const { logits, labels } = rowsOf([
      { logit: -2, rows: 1000, positives: 50 },
      { logit: -1, rows: 1000, positives: 300 },
      { logit: 0, rows: 1000, positives: 200 },
      { logit: 1, rows: 1000, positives: 600 },
    ]);
    const { from, to } = isotonic(logits, labels);
    expect(from).toEqual([-2, -0.5, 1]);
    // 500 of 2000 in the middle. Two rows of the base rate beside 1000 move no share by more than 2 / 1000 of the distance.
    for (const [at, share] of [0.05, 0.25, 0.6].entries())
      expect(Math.abs(shareOf(to[at]) - share)).toBeLessThan(0.001);
  });

  it('rises everywhere, and gives no certainty to a group without positives', () => {
    const groups = Array.from({ length: 200 }, (_, at) => ({
      logit: (at * 37) % 200,
      rows: 5,
      positives: at % 3 === 0 ? 2 : 0,
    }));
    const { logits, labels } = rowsOf(
      groups.map((group) => ({ ...group, positives: group.logit < 100 ? 0 : group.positives })),
    );
    const { from, to } = isotonic(logits, labels);
    for (let at = 1; at < from.length; at += 1) {
      expect(from[at]).toBeGreaterThan(from[at - 1]!);
      expect(to[at]).toBeGreaterThan(to[at - 1]!);
    }
    expect(shareOf(to[0])).toBeGreaterThan(1e-5);
  });

  it.each([
    { why: 'one row', logits: [0.3], labels: [1] },
    { why: 'no positive', logits: [1, 2, 3], labels: [0, 0, 0] },
    {
      why: 'logits that are all alike',
      logits: new Array<number>(500).fill(-2),
      labels: Array.from({ length: 500 }, (_, row) => row % 2),
    },
  ])('stays finite with $why', ({ logits, labels }) => {
    const calibration = isotonic(logits, labels);
    expect(calibration.from).toHaveLength(1);
    expect(scorer(calibration)(logits[0]!)).toBeGreaterThan(0);
    expect(scorer(calibration)(logits[0]!)).toBeLessThan(1);
  });

  it('refuses no rows', () => {
    expect(() => isotonic([], [])).toThrow('isotonic regression needs rows');
  });
});
