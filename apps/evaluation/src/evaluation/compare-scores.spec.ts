import { describe, expect, it } from 'vitest';
import { compareScores } from './compare-scores.ts';
import { columnSlicer, seenItemSlicer } from './slice-values.ts';

const batch = {
  rows: 4,
  columns: new Map([
    ['kind', { type: 'string' as const, values: ['a', 'b', null, 'a'] }],
    ['size', { type: 'integer' as const, values: Float64Array.of(1, 2, NaN, 1) }],
  ]),
};

describe('compareScores', () => {
  const labels = Float64Array.of(0, 0, 1, 1);
  const better = Float64Array.of(0.1, 0.2, 0.8, 0.9);
  const coin = Float64Array.of(0.5, 0.5, 0.5, 0.5);
  const never = new AbortController().signal;

  it('measures candidate and baseline on the same rows, and their difference', async () => {
    const compared = await compareScores({ labels, candidate: better, baseline: coin, slices: [] }, never);
    expect(compared.candidate).toMatchObject({
      rows: 4,
      positives: 2,
      auc: 1,
      calibration: expect.closeTo(1, 12) as number,
    });
    // Half the rows are positive: the base rate is the coin.
    expect(compared.againstBaseRate.value).toBeCloseTo(compared.candidate.logLoss - Math.LN2, 12);
    expect(compared.baseline).toMatchObject({
      metrics: { auc: 0.5, logLoss: expect.closeTo(Math.LN2, 12) as number },
      aucDifference: { value: 0.5 },
    });
  });

  it('leaves the baseline out where there is none, and flags slices that are too small', async () => {
    const slices = [{ by: 'half', values: ['x', 'x', 'x', 'y'] }];
    const compared = await compareScores({ labels, candidate: better, slices }, never);
    expect(compared).not.toHaveProperty('baseline');
    expect(
      compared.slices.map(({ by, value, weak, candidate }) => ({ by, value, weak, rows: candidate.rows })),
    ).toEqual([
      { by: 'half', value: 'x', weak: true, rows: 3 },
      { by: 'half', value: 'y', weak: true, rows: 1 },
    ]);
  });
});

describe('compareScores of many rows', () => {
  it('lets others have their turn, and gives up when it is told to', async () => {
    const rows = 50_000;
    const scores = Float64Array.from({ length: rows }, (_, row) => ((row * 7919) % rows) / rows);
    const labels = scores.map((score, row) => Number(score * 13 > row % 14));
    const slices = [10, 40].map((kinds) => ({
      by: `one of ${kinds}`,
      values: Array.from({ length: rows }, (_, row) => String(row % kinds)),
    }));
    const stopping = new AbortController();
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
      if (turns === 5) stopping.abort(new Error('told to'));
    });
    const compared = compareScores({ labels, candidate: scores, baseline: scores, slices }, stopping.signal);
    await expect(compared).rejects.toThrow('told to');
    clearInterval(timer);
  });
});

describe('slicers', () => {
  it('join columns and keep missing values apart', () => {
    const slicer = columnSlicer(['kind', 'size']);
    expect([slicer.by, slicer.valuesOf(batch)]).toEqual([
      'kind × size',
      ['a × 1', 'b × 2', '(missing) × (missing)', 'a × 1'],
    ]);
  });

  it('tell items seen in training from others, numbers by their decimal text', () => {
    expect(seenItemSlicer('size', new Set(['1'])).valuesOf(batch)).toEqual(['seen', 'unseen', 'unseen', 'seen']);
  });

  it('name a column that is not there', () => {
    expect(() => columnSlicer(['color']).valuesOf(batch)).toThrow('the examples have no column "color"');
  });
});
