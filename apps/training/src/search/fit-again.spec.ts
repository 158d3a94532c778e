import { describe, expect, it } from 'vitest';
import { type ModelSpec, scorer, splitMix32, type Weights } from '@adstocrat/models';
import { ClickModelTrainer } from '@adstocrat/tensorflow';
import { type FittedFeature, graphOf } from '@adstocrat/transforms';
import { copyRows, firstRows, type LoadedExamples, noExtras, roomFor, takeRows } from '../data/load-examples.ts';
import { MemoryRows } from '../data/memory-rows.ts';
import { logisticRegression } from '../linear/logistic-regression.ts';
import { additive, exclusive, rowsOf, worldOf } from '../testing/small-world.ts';
import type { FitProgress } from './fitted-members.ts';
import { searchModel, type SearchProgress, type SearchResult } from './search-model.ts';
import { modelInputs, type TrialData } from './trial-data.ts';

const search = (
  data: TrialData,
  budget = 6,
  told: (progress: SearchProgress | FitProgress) => void = () => undefined,
): Promise<SearchResult> => searchModel(data, { budget, seed: 1, batchSize: 512 }, new AbortController().signal, told);

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
    const told: (SearchProgress | FitProgress)[] = [];
    const found = await search(data, 6, (one) => told.push(one));
    // It comes last, in whole hundredths.
    const again = told.flatMap((one) => ('fit' in one && one.fit === 'all rows' ? [one] : []));
    expect(again.length).toBeGreaterThan(1);
    expect(told.slice(-again.length)).toEqual(again);
    expect(again.every(({ done }) => Number.isInteger(done))).toBe(true);
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
    const values = 60;
    const field = (column: string): FittedFeature => ({
      ...worldOf(additive).graph.features[0]!,
      columns: [column],
      size: values,
    });
    const graph = graphOf([field('a'), field('b')]);
    // Each of 120 values has a weight of its own.
    const says = Float32Array.from({ length: 2 * values }, (_, id) => 1.2 * Math.sin(7 * id));
    const chanceOf = (ids: Int32Array, row: number): number =>
      1 / (1 + Math.exp(-(says[ids[2 * row]!]! + says[ids[2 * row + 1]!]! - 0.5)));
    const drawn = (count: number, seed: number): LoadedExamples => {
      const bits = splitMix32(seed);
      const next = (): number => bits() / 2 ** 32;
      const ids = Int32Array.from({ length: 2 * count }, (_, at) => (at % 2) * values + Math.floor(next() * values));
      const labels = Float32Array.from({ length: count }, (_, row) => (next() < chanceOf(ids, row) ? 1 : 0));
      return { rows: count, fields: 2, denseWidth: 0, ids, dense: new Float32Array(), labels };
    };
    const all = drawn(20_000, 99);
    let gained = 0;
    for (const seed of [1, 2, 3, 4]) {
      const data: TrialData = {
        graph,
        train: new MemoryRows(drawn(2000, 10 + seed)),
        validation: drawn(600, 20 + seed),
      };
      const found = await search(data);
      const [judged, served] = [found, found.served].map((model) => {
        const logits = said(model, all);
        const score = scorer(model.calibration);
        return logits.reduce((sum, logit, row) => {
          const [p, chance] = [score(logit), chanceOf(all.ids, row)];
          return sum - chance * Math.log(p) - (1 - chance) * Math.log1p(-p);
        }, 0);
      });
      gained += (judged! - served!) / all.rows;
    }
    // Each of 120 weights costs 1 in twice the rows, less what the prior saves: 60 / 2000 − 60 / 2600 = .007 without one.
    expect(gained / 4).toBeGreaterThan(0.002);
    expect(gained / 4).toBeLessThan(0.007);
  });

  const data = worldOf(exclusive);
  const rows = rowsOf(3000, 1, exclusive);

  it('is as it was where a run is to be quick', async () => {
    expect((await search(data, 5)).served.again).toEqual([]);
  });

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
    ['validation rows are many', { ...data, train: new MemoryRows(firstRows(rows, 2900)) }],
    ['a server fixes a column', { ...data, graph: { ...data.graph, fixed: [{ column: 'a', value: null }] } }],
  ] as readonly (readonly [string, TrialData])[])('is as it was where %s', async (_why, one) => {
    const found = await search(one);
    expect(found.served.again).toEqual([]);
    expect(found.served.weights).toBe(found.weights);
  });
});
