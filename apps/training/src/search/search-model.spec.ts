import { describe, expect, it } from 'vitest';
import type { LoadedExamples } from '../data/load-examples.ts';
import { MemoryRows } from '../data/memory-rows.ts';
import { additive, exclusive, imageWorld, listWorldOf, rowsOf, worldOf } from '../testing/small-world.ts';
import type { FitProgress } from './fitted-members.ts';
import { astrayFigures, astrayWarnings } from './astray-networks.ts';
import { searchModel, type SearchOptions, type SearchProgress, type SearchResult } from './search-model.ts';
import type { TrialData } from './trial-data.ts';

const search = (data: TrialData, options: Partial<SearchOptions> = {}): Promise<SearchResult> =>
  searchModel(data, { budget: 6, seed: 1, batchSize: 128, ...options }, new AbortController().signal, () => undefined);

describe('searchModel', () => {
  it('serves a linear model alone where nothing interacts', async () => {
    const { members } = await search(worldOf(additive), { budget: 2 });
    expect(members.map(({ name }) => name)).toEqual([expect.stringMatching(/^linear/)]);
  });

  it('finds what interacts, near to what can be known', async () => {
    const data = worldOf(exclusive);
    const { look, trials } = await search(data);
    expect(trials[0]?.validationAuc).toBeLessThan(0.6);
    // Half of the pairs click with sigmoid(1.5) = .818, half with .182: the best AUC is .818² + .818 · .182 = .818.
    expect(look.auc).toBeGreaterThan(0.78);
    expect(look.calibration.slope).toBeGreaterThan(0.7);
  });

  it('finds what values of one list say together', async () => {
    const { look, trials, spec } = await search(listWorldOf(exclusive));
    expect(spec.inputs.slots).toEqual([2]);
    expect(trials[0]?.validationAuc).toBeLessThan(0.6);
    // As above: .818 at best.
    expect(look.auc).toBeGreaterThan(0.78);
  });

  it('foretells images that training never showed, and who likes them', async () => {
    const { look, trials } = await search(imageWorld().data);
    // Ids alone tell nothing: one half. The linear model sees the first number; which ids like the second one is left to the others.
    expect(trials[0]?.validationAuc).toBeGreaterThan(0.6);
    expect(look.auc).toBeGreaterThan((trials[0]?.validationAuc ?? 1) + 0.1);
  });

  it('gives the same weights for the same seed, to the last bit', async () => {
    const [one, other] = [
      await search(worldOf(exclusive), { budget: 2 }),
      await search(worldOf(exclusive), { budget: 2 }),
    ];
    expect([...one.weights]).toEqual([...other.weights]);
    expect(one.look.calibration).toEqual(other.look.calibration);
  });

  it('takes no more steps than it may', async () => {
    let last = 0;
    const count = (told: SearchProgress | FitProgress): void => void ('step' in told && (last = told.step));
    const options = { budget: 12, seed: 1, batchSize: 128, maxSteps: 20 };
    await searchModel(worldOf(exclusive), options, new AbortController().signal, count);
    expect(last).toBeLessThanOrEqual(20);
    expect(last).toBeGreaterThan(5);
  });

  it('tells how far each model is that is fitted at once, before the first step', async () => {
    const told: (SearchProgress | FitProgress)[] = [];
    await searchModel(
      worldOf(exclusive),
      { budget: 1, seed: 1, batchSize: 128 },
      new AbortController().signal,
      (one) => {
        told.push(one);
      },
    );
    const fits = told.flatMap((one) => ('fit' in one ? [one] : []));
    expect(told.slice(0, fits.length)).toEqual(fits);
    expect([...new Set(fits.map(({ fit }) => fit))]).toEqual(['linear', 'trees', 'pairs']);
    for (const [fit, own] of Map.groupBy(fits, (one) => one.fit)) {
      if (fit === 'linear') continue;
      const done = own.map((one) => one.done);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
      expect(new Set(done).size).toBeGreaterThan(1);
      for (const one of own) expect(one.done).toBeLessThanOrEqual(one.total);
    }
  });

  it('chooses nothing by validation rows that hold nine positives', async () => {
    const data = worldOf(exclusive);
    const labels = Float32Array.from(data.validation.labels, (_, row) => (row < 9 ? 1 : 0));
    const found = await search({ ...data, validation: { ...data.validation, labels } });
    expect(found.cautious).toBe(true);
    expect(found.trials).toHaveLength(1);
    expect(found.look.calibration).toEqual({ slope: 1, intercept: 0 });
  });

  it('refuses rows of one label', async () => {
    const train = new MemoryRows({ ...rowsOf(3000, 1, exclusive), labels: new Float32Array(3000) });
    await expect(search({ ...worldOf(exclusive), train })).rejects.toThrow('all 3000 training rows have the label 0');
  });

  it('goes on without networks whose numbers are not finite, and names them', async () => {
    const found = await search(worldOf(exclusive), { learningRate: 1e30, budget: 2 });
    expect(found.astray.length).toBeGreaterThan(1);
    const networks = found.trials.filter(({ epochs }) => epochs > 0).map(({ name }) => name);
    expect(found.astray).toEqual(networks);
    expect(astrayWarnings(astrayFigures(found.astray))).toEqual([
      expect.stringContaining(`the numbers of ${networks.length} networks were not finite`),
    ]);
    expect(found.trials.filter(({ name, chosen }) => chosen && networks.includes(name))).toEqual([]);
    // As what is fitted at once finds beside them: see above.
    expect(found.look.auc).toBeGreaterThan(0.78);
  });

  it('goes back to its best look where numbers are not finite, and on more slowly', async () => {
    // One training row has a number that is none: each epoch one step goes wrong.
    const numbered = (rows: LoadedExamples, broken: number): LoadedExamples => ({
      ...rows,
      denseWidth: 1,
      dense: Float32Array.from({ length: rows.rows }, (_, row) => (row === broken ? NaN : 0)),
    });
    const data: TrialData = {
      graph: worldOf(exclusive).graph,
      train: new MemoryRows(numbered(rowsOf(3000, 1, exclusive), 7)),
      validation: numbered(rowsOf(1500, 2, exclusive), -1),
    };
    const pairs = { stream: 'factorization-machine' as const };
    const embedding = { units: 4, l2: 0, dropout: 0 };
    const settings = [{ name: 'pairs', embedding, streams: [pairs], learningRate: 1.5e-2 }];
    // Two thirds of the budget for one setting: three epochs, and the fourth time would end it.
    const { trials } = await search(data, { settings, budget: 4.5 });
    const summary = trials.find(({ name }) => name === 'pairs')!;
    expect(summary.wentBack.length).toBeGreaterThan(0);
    expect(summary.wentBack.length).toBeLessThan(4);
    expect(summary.failedAtStep).toBeUndefined();
    // The linear part alone stays below .6 here.
    expect(summary.validationAuc).toBeGreaterThan(0.65);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const run = searchModel(worldOf(exclusive), { budget: 12, seed: 1 }, stop.signal, () => {
      stop.abort(new Error('cancelled'));
    });
    await expect(run).rejects.toThrow('cancelled');
  });
});
