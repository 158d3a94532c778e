import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openExampleEngine } from '@adstocrat/adapters';
import type { ExampleEngine, Relation } from '@adstocrat/example-engine';
import { reservedColumns } from '@adstocrat/examples';
import { parseTask } from '@adstocrat/tasks';
import { CompiledTransform, graphOf } from '@adstocrat/transforms';
import { linearLogits, logisticRegression } from '../linear/logistic-regression.ts';
import { exclusive, rowsOf } from '../testing/small-world.ts';
import { loadTrainingRows } from './load-training-rows.ts';
import { MemoryRows } from './memory-rows.ts';
import { keptRows, rowRuleOf, weightsOf as weightsOfRows } from './row-rule.ts';
import { baseRateOf, type TrainingRows } from './training-rows.ts';

const task = (more: string) => parseTask(`name: t\ndata: {examples: ["*.csv"]}\nlabel: y\n${more}`, 'task.yaml');
const hourMs = 3_600_000;

describe('a share of the negative rows', () => {
  const labels = Float64Array.from({ length: 40_000 }, (_, row) => (row % 20 === 0 ? 1 : 0));

  it('is kept, with every positive row, however the rows are cut', () => {
    const rule = { weighted: false, negativeShare: 0.1, seed: 3 };
    const kept = keptRows(rule, labels, 0)!;
    expect(kept.filter((row) => labels[row] === 1)).toHaveLength(2000);
    // Of 38,000 draws of a tenth: 3800, deviation √(38,000 · .1 · .9) = 58.
    expect(Math.abs(kept.length - 2000 - 3800)).toBeLessThan(4 * 58);
    const parts = [0, 777, 30_000].flatMap((from, at, all) => {
      const part = keptRows(rule, labels.subarray(from, all[at + 1]), from)!;
      return Array.from(part, (row) => from + row);
    });
    expect(parts).toEqual([...kept]);
    expect([...keptRows({ ...rule, seed: 4 }, labels, 0)!]).not.toEqual([...kept]);
  });

  it('gives in expectation the very model of all rows: odds fall by the share, the shift takes that back', async () => {
    const all = rowsOf(4000, 7, exclusive);
    const idRows = 16;
    // Every pair is one id: the model can say each pair's rate, so its optimum is known in closed form, and no prior pulls.
    const pairs = Int32Array.from(
      { length: all.rows },
      (_, row) => (all.ids[row * 2]! % 2) * 2 + (all.ids[row * 2 + 1]! % 2),
    );
    const examples = { ...all, fields: 1, ids: pairs };
    const share = 0.2;
    // What sampling gives on average: each negative row counts its chance to be kept.
    const weights = Float32Array.from(all.labels, (label) => (label === 1 ? 1 : share));
    const mean = weights.reduce((sum, one) => sum + one, 0) / all.rows;
    const expected = new MemoryRows({ ...examples, weights: weights.slice() }, share);
    const l2 = 1e-6;
    const [fromAll, fromShare] = [
      linearLogits(examples, await logisticRegression(new MemoryRows(examples), { idRows, l2 })),
      linearLogits(examples, await logisticRegression(expected, { idRows, l2: l2 / mean })),
    ];
    for (let pair = 0; pair < 4; pair += 1) {
      const own = all.labels.filter((_, row) => pairs[row] === pair);
      const odds = own.reduce((sum, one) => sum + one, 0) / own.filter((label) => label === 0).length;
      const row = pairs.indexOf(pair);
      expect(fromAll[row]).toBeCloseTo(Math.log(odds), 2);
      expect(fromShare[row]).toBeCloseTo(Math.log(odds), 2);
    }
  });

  it('leaves the base rate what it is', () => {
    // 100 positives among 1000 rows; a tenth of 900 negatives is kept.
    expect(baseRateOf({ rows: 190, positives: 100, negativeShare: 0.1 })).toBeCloseTo(0.1, 12);
  });
});

describe('what rows count', () => {
  const folder = mkdtempSync(join(tmpdir(), 'row-rule-'));
  let engine: ExampleEngine;
  let train: Relation;
  beforeAll(async () => {
    engine = await openExampleEngine({ workDir: folder });
    const batch = {
      rows: 4,
      columns: new Map([
        ['w', { type: 'float' as const, values: Float64Array.of(1, 3, NaN, 2) }],
        ['debt', { type: 'float' as const, values: Float64Array.of(1, -3, 0, 2) }],
        ['none', { type: 'float' as const, values: Float64Array.of(NaN, NaN, NaN, NaN) }],
        [reservedColumns.label, { type: 'integer' as const, values: Float64Array.of(1, 0, 0, 1) }],
        [reservedColumns.timeMs, { type: 'integer' as const, values: Float64Array.of(0, hourMs, 2 * hourMs, NaN) }],
      ]),
    };
    const columns = [...batch.columns].map(([name, { type }]) => ({ name, type }));
    train = await engine.fromBatches(columns, [batch]);
  });
  afterAll(async () => {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function weightsOf(more: string, memoryBytes?: number): Promise<number[]> {
    const rule = (await rowRuleOf(task(more), engine, train))!;
    const rows: TrainingRows = await loadTrainingRows({
      engine,
      relation: train,
      transform: new CompiledTransform(graphOf([])),
      rule,
      folder: mkdtempSync(join(folder, 'rows-')),
      onProgress: () => undefined,
      ...(memoryBytes !== undefined && { memoryBytes }),
    });
    const weights: number[] = [];
    for await (const part of rows.parts()) weights.push(...(part.weights ?? []));
    await rows.close();
    return weights;
  }

  // 1, 3, the mean of those that have one, 2; a row without a time is as new as the newest. On average 1.
  it.each([
    ['weight: w\n', [0.5, 1.5, 1, 1]],
    ['training: {halfLife: 1h}\n', [0.25, 0.5, 1, 1].map((one) => one / 0.6875)],
    ['weight: w\ntraining: {halfLife: 1h}\n', [0.125, 0.75, 1, 1].map((one) => one / 0.71875)],
  ])('follows %j, in memory and in a file', async (more, expected) => {
    for (const memoryBytes of [undefined, 0]) {
      const weights = await weightsOf(more, memoryBytes);
      expect(weights).toHaveLength(4);
      for (const [row, weight] of weights.entries()) expect(weight).toBeCloseTo(expected[row]!, 6);
    }
  });

  it('goes on counting where a clock is wrong: a row of the year 2099 does not make all others old', async () => {
    const rows = 1000;
    const lateMs = Date.UTC(2099, 0);
    const times = Float64Array.from({ length: rows }, (_, row) => (row === 500 ? lateMs : row * hourMs));
    const late = await engine.fromBatches(
      [{ name: reservedColumns.timeMs, type: 'integer' }],
      [{ rows, columns: new Map([[reservedColumns.timeMs, { type: 'integer' as const, values: times }]]) }],
    );
    const rule = (await rowRuleOf(task('training: {halfLife: 10h}\n'), engine, late))!;
    const weights = weightsOfRows(rule, {
      rows,
      columns: new Map([[reservedColumns.timeMs, { type: 'integer' as const, values: times }]]),
    })!;
    // Ten hours are half, as between any two rows of which both clocks are right; the wrong one counts as a new row does, at most twice.
    expect(weights[989]! / weights[999]!).toBeCloseTo(0.5, 6);
    expect(weights[500]! / weights[999]!).toBeLessThanOrEqual(2);
  });

  it('counts by the newest row where its clock may be right', async () => {
    const rows = 1000;
    const times = Float64Array.from({ length: rows }, (_, row) => (row === 999 ? 1005 : row) * hourMs);
    const last = await engine.fromBatches(
      [{ name: reservedColumns.timeMs, type: 'integer' }],
      [{ rows, columns: new Map([[reservedColumns.timeMs, { type: 'integer' as const, values: times }]]) }],
    );
    expect((await rowRuleOf(task('training: {halfLife: 10h}\n'), engine, last))?.recency?.newestMs).toBe(1005 * hourMs);
  });

  it('is nobody’s to say where the task says nothing', async () => {
    expect(await rowRuleOf(task(''), engine, train)).toBeUndefined();
  });

  it.each([
    ['weight: debt\n', 'weight: "debt" must be numbers of 0 and more, and lies between -3 and 2'],
    ['weight: none\n', 'weight: "none" has no number in any training row'],
  ])('refuses %j', async (more, message) => {
    await expect(rowRuleOf(task(more), engine, train)).rejects.toThrow(message);
  });

  it('is as if a row were there so often', async () => {
    const two = rowsOf(300, 3, exclusive);
    const counts = Float32Array.from({ length: 300 }, (_, row) => row % 3);
    const copies = [...counts].flatMap((times, row) => Array<number>(times).fill(row));
    const often = {
      ...two,
      rows: copies.length,
      ids: Int32Array.from(copies.flatMap((row) => [...two.ids.subarray(row * 2, row * 2 + 2)])),
      labels: Float32Array.from(copies, (row) => two.labels[row]!),
    };
    // The mean count of a row is 1, so that the prior is the same on both sides.
    expect(copies).toHaveLength(300);
    const options = { idRows: 16, l2: 1 };
    const weighted = await logisticRegression(new MemoryRows({ ...two, weights: counts }), options);
    const repeated = await logisticRegression(new MemoryRows(often), options);
    // Both are found until a step gains less than a millionth: about two digits. Rows counted once each are far from it.
    const alike = await logisticRegression(new MemoryRows(two), options);
    const away = (from: typeof weighted): number =>
      Math.max(...weighted.ids.map((weight, id) => Math.abs(weight - from.ids[id]!)));
    expect(away(repeated)).toBeLessThan(0.05);
    expect(away(alike)).toBeGreaterThan(0.2);
  });
});
