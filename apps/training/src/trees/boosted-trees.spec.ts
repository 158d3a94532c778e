import { describe, expect, it } from 'vitest';
import { splitMix32 } from '@adstocrat/models';
import { graphOf } from '@adstocrat/transforms';
import { type LoadedExamples, takeRows } from '../data/load-examples.ts';
import { MemoryRows } from '../data/memory-rows.ts';
import { withScores } from '../report/score-rows.ts';
import { linearCandidate } from '../search/linear-candidate.ts';
import type { TrialData } from '../search/trial-data.ts';
import { additive, worldOf } from '../testing/small-world.ts';
import { treesAlone, treesOnLinear } from './boosted-trees.ts';

const { signal } = new AbortController();

/** Two numbers of which one decides by whether the other is above 0.3: log-odds ±2. */
function numbersOf(rows: number, seed: number): LoadedExamples {
  const bits = splitMix32(seed);
  const next = (): number => bits() / 2 ** 32;
  const dense = Float32Array.from({ length: rows * 2 }, () => next() * 2 - 1);
  const labels = Float32Array.from({ length: rows }, (_, row) => {
    const logit = dense[row * 2]! > 0.3 === dense[row * 2 + 1]! > -0.2 ? 2 : -2;
    return next() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  });
  return { rows, fields: 0, denseWidth: 2, ids: new Int32Array(), dense, labels };
}
const number = (column: string) => ({ op: 'zScore', columns: [column], slots: 0, size: 0, dims: 1, state: {} });
const thresholds: TrialData = {
  graph: graphOf([number('a'), number('b')]),
  train: new MemoryRows(numbersOf(6000, 1)),
  validation: numbersOf(3000, 2),
};

async function linearOf(data: TrialData) {
  const linear = await linearCandidate(data, signal);
  if (linear === undefined) throw new Error('there is nothing to read');
  return linear;
}

describe('boosted trees', () => {
  it.each([
    { why: 'on the logistic regression', member: treesOnLinear },
    { why: 'alone', member: treesAlone },
  ])('find thresholds of numbers together, $why', async ({ member }) => {
    const linear = await linearOf(thresholds);
    const found = await member(thresholds, { linear, seed: 1, budget: 12, signal });
    // Half of the rows click with sigmoid(2) = .881, half with .119: the best AUC is .881² + .881 · .119 = .881.
    expect(linear.best?.auc).toBeLessThan(0.7);
    expect(found?.best?.auc).toBeGreaterThan(0.86);
  });

  it('say by their layers what they said while they grew', async () => {
    const linear = await linearOf(thresholds);
    const found = await treesOnLinear(thresholds, { linear, seed: 1, budget: 12, signal });
    const { spec, best } = found ?? {};
    if (spec === undefined || best === undefined) throw new Error('no tree was grown');
    const of = { spec, weights: best.weights, calibration: { method: 'none', slope: 1, intercept: 0 } as const };
    const scores = await withScores(of, undefined, (scoreRows) => scoreRows(thresholds.validation));
    for (const [row, score] of scores.entries())
      expect(score).toBeCloseTo(1 / (1 + Math.exp(-(best.logits[row] ?? NaN))), 5);
  });

  it('are the same to the last bit for the same seed', async () => {
    const linear = await linearOf(thresholds);
    const [one, other] = [
      await treesOnLinear(thresholds, { linear, seed: 1, budget: 12, signal }),
      await treesOnLinear(thresholds, { linear, seed: 1, budget: 12, signal }),
    ];
    expect([...(one?.best?.weights ?? [])]).toEqual([...(other?.best?.weights ?? [])]);
  });

  it.each([
    { why: 'on the logistic regression', member: treesOnLinear },
    { why: 'alone', member: treesAlone },
  ])('are no candidate where the logistic regression says all, $why', async ({ member }) => {
    const bits = splitMix32(5);
    const next = (): number => bits() / 2 ** 32;
    const slopes = (rows: number): LoadedExamples => {
      const { dense, ...others } = numbersOf(rows, rows);
      const labels = Float32Array.from({ length: rows }, (_, row) =>
        next() < 1 / (1 + Math.exp(-2 * dense[row * 2]! - 2 * dense[row * 2 + 1]!)) ? 1 : 0,
      );
      return { ...others, dense, labels };
    };
    const data = { ...thresholds, train: new MemoryRows(slopes(2000)), validation: slopes(4000) };
    expect(await member(data, { linear: await linearOf(data), seed: 1, budget: 12, signal })).toBeUndefined();
  });

  it.each([
    { why: 'on the logistic regression', member: treesOnLinear },
    { why: 'alone', member: treesAlone },
  ])('say of all rows what they learned from all rows with the label 1 and few others, $why', async ({ member }) => {
    const all = numbersOf(24_000, 3);
    let seen = 0;
    // Each fifth row with the label 0.
    const kept = Int32Array.from(all.labels.keys()).filter((row) => all.labels[row] === 1 || (seen += 1) % 5 === 0);
    const { batch, labels } = takeRows(all, kept);
    const few = { ...batch, fields: 0, denseWidth: 2, labels };
    const data = { ...thresholds, train: new MemoryRows(few, 0.2) };
    const found = await member(data, { linear: await linearOf(data), seed: 1, budget: 12, signal });
    expect(found?.best?.auc).toBeGreaterThan(0.86);
    // Both numbers are above or below in .35 · .6 + .65 · .4 = .47 of all rows: .47 · .881 + .53 · .119 = .477 click. Of the kept ones .82 do.
    let mean = 0;
    for (const logit of found?.best?.logits ?? []) mean += 1 / (1 + Math.exp(-logit)) / 3000;
    expect(Math.abs(mean - 0.477)).toBeLessThan(0.06);
  });

  it('count rows by their weights', async () => {
    // Half of the rows click by the opposite law, and count a hundredth.
    const [own, other] = [numbersOf(6000, 1), numbersOf(6000, 4)];
    const labels = Float32Array.from([...own.labels, ...other.labels.map((label) => 1 - label)]);
    const mixed = {
      ...own,
      rows: 12_000,
      dense: Float32Array.from([...own.dense, ...other.dense]),
      labels,
      weights: Float32Array.from(labels, (_, row) => (row < 6000 ? 1.98 : 0.02)),
    };
    const data = { ...thresholds, train: new MemoryRows(mixed) };
    const found = await treesAlone(data, { linear: await linearOf(data), seed: 1, budget: 12, signal });
    expect(found?.best?.auc).toBeGreaterThan(0.86);
  });

  it('are not grown alone where rows have ids and no numbers', async () => {
    const data = worldOf(additive);
    expect(await treesAlone(data, { linear: await linearOf(data), seed: 1, budget: 12, signal })).toBeUndefined();
  });

  it('end with the reason when aborted', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    const linear = await linearOf(thresholds);
    await expect(treesOnLinear(thresholds, { linear, seed: 1, budget: 12, signal: stop.signal })).rejects.toThrow(
      'enough',
    );
  });

  it('split images by what stays on its side when it is computed to other last bits', async () => {
    // Twelve images that all rows show in turn; the third of each group differs from the second by rounding.
    const values = Float32Array.from(
      { length: 12 },
      (_, image) => Math.floor(image / 3) + (image % 3 === 2 ? 0.5001 : (image % 3) / 2),
    );
    const rowsOf = (rows: number, seed: number): LoadedExamples => {
      const bits = splitMix32(seed);
      const images = Int32Array.from({ length: rows }, (_, row) => row % 12);
      const labels = Float32Array.from(images, (image) => (bits() / 2 ** 32 < (image % 3 === 0 ? 0.2 : 0.7) ? 1 : 0));
      return { rows, fields: 0, denseWidth: 0, ids: new Int32Array(), dense: new Float32Array(), labels, images };
    };
    const images = {
      size: 8,
      tower: { filters: 1, cells: 1, units: 1 },
      vectors: values,
      weights: new Map(),
      shown: new Set(Array.from({ length: 12 }, (_, image) => image)),
    };
    const data: TrialData = {
      graph: graphOf([]),
      train: new MemoryRows(rowsOf(6000, 1)),
      validation: rowsOf(3000, 2),
      images,
    };
    const found = await treesOnLinear(data, { linear: await linearOf(data), seed: 1, budget: 12, signal });
    const thresholds = [...(found?.best?.weights.get('trees.thresholds') ?? [])].filter(Number.isFinite);
    expect(new Set(thresholds).size).toBeGreaterThan(2);
    for (const threshold of thresholds)
      for (const value of values) expect(Math.abs(threshold - value)).toBeGreaterThan(4e-4);
    expect(found?.best?.auc).toBeGreaterThan(0.72);
  });
});
