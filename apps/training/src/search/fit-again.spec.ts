import { describe, expect, it } from 'vitest';
import { type ModelSpec, scorer, type Weights } from '@adstocrat/models';
import { ClickModelTrainer } from '@adstocrat/tensorflow';
import { copyRows, firstRows, type LoadedExamples, noExtras, roomFor, takeRows } from '../data/load-examples.ts';
import { MemoryRows } from '../data/memory-rows.ts';
import { logisticRegression } from '../linear/logistic-regression.ts';
import { additive, exclusive, rowsOf, worldOf } from '../testing/small-world.ts';
import { searchModel, type SearchResult } from './search-model.ts';
import { modelInputs, type TrialData } from './trial-data.ts';

const search = (data: TrialData): Promise<SearchResult> =>
  searchModel(data, { budget: 1, seed: 1, batchSize: 512 }, new AbortController().signal, () => undefined);

/** What a model says of examples, uncalibrated. */
function said({ spec, weights }: { spec: ModelSpec; weights: Weights }, examples: LoadedExamples): Float32Array {
  const idCounts = new Float32Array(spec.inputs.idRows).fill(1);
  const trainer = new ClickModelTrainer(spec, weights, { seed: 1, idCounts });
  const logits = trainer.logits(
    takeRows(
      examples,
      Int32Array.from({ length: examples.rows }, (_, row) => row),
    ).batch,
  );
  trainer.dispose();
  return logits;
}

/** Training and validation rows in one. */
function together({ train, validation }: TrialData, first: LoadedExamples): MemoryRows {
  const all = roomFor(train.rows + validation.rows, validation, noExtras);
  copyRows(first, 0, first.rows, all, 0);
  copyRows(validation, 0, validation.rows, all, first.rows);
  return new MemoryRows(all);
}

describe('a choice that is fitted again', () => {
  it('is the logistic regression over training and validation rows, with the prior that was chosen', async () => {
    const data = worldOf(additive);
    const { members, served, weights } = await search(data);
    expect(served.again).toEqual(members.map(({ name }) => name));
    const l2 = Number(/^linear, prior (\d+)$/.exec(members[0]?.name ?? '')?.[1]);
    const train = together(data, rowsOf(3000, 1, additive));
    const { ids, bias } = await logisticRegression(train, { idRows: modelInputs(data).idRows, l2 });
    for (const [id, weight] of ids.entries()) expect(served.weights.get('wide.table')![id]).toBeCloseTo(weight, 1);
    expect(served.weights.get('logit.bias')![0]).toBeCloseTo(bias, 1);
    // Those of the training rows alone are others.
    const moved = ids.map((weight, id) => Math.abs(weight - weights.get('wide.table')![id]!));
    expect(Math.max(...moved)).toBeGreaterThan(0.05);
  });

  it('keeps what it showed, and says what is served of the validation rows', async () => {
    const data = worldOf(exclusive);
    const found = await search(data);
    expect(found.served.again).toHaveLength(found.members.length);
    for (const [logits, model] of [
      [found.look.logits, found],
      [found.served.logits, found.served],
    ] as const) {
      const again = said(model, data.validation);
      for (const [row, logit] of again.entries()) expect(logits[row]).toBeCloseTo(logit, 4);
    }
  });

  it('foretells rows to come better than what was fitted to fewer', async () => {
    const all = rowsOf(20_000, 99, exclusive);
    const chances = Array.from({ length: all.rows }, (_, row) => {
      const [a, b] = [all.ids[row * 2]! - 1, all.ids[row * 2 + 1]! - 9];
      return 1 / (1 + Math.exp(-exclusive(a, b)));
    });
    let gained = 0;
    for (const seed of [1, 2, 3, 4]) {
      const data: TrialData = {
        ...worldOf(exclusive),
        train: new MemoryRows(rowsOf(600, 10 + seed, exclusive)),
        validation: rowsOf(600, 20 + seed, exclusive),
      };
      const found = await search(data);
      const [judged, served] = [found, found.served].map((model) => {
        const logits = said(model, all);
        const score = scorer(model.calibration);
        return chances.reduce((sum, chance, row) => {
          const p = score(logits[row]!);
          return sum - chance * Math.log(p) - (1 - chance) * Math.log1p(-p);
        }, 0);
      });
      gained += (judged! - served!) / all.rows;
    }
    expect(gained / 4).toBeGreaterThan(0);
  });

  const data = worldOf(exclusive);
  const rows = rowsOf(3000, 1, exclusive);
  it.each([
    ['negatives are left out', { ...data, train: new MemoryRows(rows, 0.5) }],
    [
      'rows count more or less',
      {
        ...data,
        train: new MemoryRows({ ...rows, weights: Float32Array.from(rows.labels, (_, row) => 1 + (row % 2)) }),
      },
    ],
    ['validation rows are few', { ...data, validation: firstRows(data.validation, 59) }],
    ['a server fixes a column', { ...data, graph: { ...data.graph, fixed: [{ column: 'a', value: null }] } }],
  ] as readonly (readonly [string, TrialData])[])('is as it was where %s', async (_why, one) => {
    const found = await search(one);
    expect(found.served.again).toEqual([]);
    expect(found.served.weights).toBe(found.weights);
  });
});
