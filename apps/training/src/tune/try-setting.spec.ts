import { describe, expect, it, vi } from 'vitest';
import type { TuningTrialRecord } from '@adstocrat/metadata';
import { ClickModelTrainer } from '@adstocrat/tensorflow';
import { MemoryRows } from '../data/memory-rows.ts';
import { baseRateOf } from '../data/training-rows.ts';
import { idCountsOf } from '../search/id-counts.ts';
import { linearCandidate } from '../search/linear-candidate.ts';
import { Trial } from '../search/trial.ts';
import { exclusive, rowsOf, worldOf } from '../testing/small-world.ts';
import type { Point } from '@adstocrat/tuning';
import { settingOf } from './space.ts';
import { trySetting, type TuningData } from './try-setting.ts';
import { tuningRows } from './tuning-rows.ts';

const { signal } = new AbortController();
const pairs: Point = { model: 'pairs', learningRate: 0.05, units: 4, l2: 1 };
const batchSize = 100;

async function dataOf(): Promise<TuningData> {
  const world = worldOf(exclusive);
  const rows = tuningRows(rowsOf(3000, 2, exclusive));
  const data = { ...world, train: new MemoryRows(rowsOf(3000, 1, exclusive)), validation: rows.choosing };
  const linear = await linearCandidate(data, signal);
  const options = {
    batchSize,
    seed: 1,
    idCounts: await idCountsOf(data.train, data.graph),
    baseRate: baseRateOf(data.train),
    ...(linear && { linear }),
  };
  return { data, rows, options };
}

describe('a trial of a study', () => {
  const told = (goes: boolean) => {
    const rungs: TuningTrialRecord['rungs'][] = [];
    const onRung = (so: TuningTrialRecord['rungs']): Promise<boolean> => {
      rungs.push([...so]);
      return Promise.resolve(goes);
    };
    return { rungs, onRung };
  };

  it('finds what pairs tell, says it at each rung, and is shown on rows that chose nothing', async () => {
    const { rungs, onRung } = told(true);
    const steps: number[] = [];
    const tried = await trySetting(settingOf(pairs, 'trial'), await dataOf(), {
      epochs: 9,
      signal,
      onStep: (done) => steps.push(done),
      onRung,
    });
    expect(tried.state).toBe('finished');
    expect(tried.rungs.map(({ epochs }) => epochs)).toEqual([1, 3, 9]);
    expect(rungs.map((so) => so.length)).toEqual([1, 2]);
    // 30 batches an epoch.
    expect(steps).toEqual(Array.from({ length: 270 }, (_, index) => index + 1));
    // The law: half of the rows click with .818, half with .182: H(.818) = .474 nats, AUC .5 + .5 · (.818 − .182) = .818.
    const { loss, auc, stretches } = tried.shown!;
    expect(Math.abs(loss - 0.474)).toBeLessThan(0.03);
    expect(Math.abs(auc - 0.818)).toBeLessThan(0.03);
    expect(stretches).toHaveLength(20);
    expect(stretches.reduce((sum, one) => sum + one, 0) / 20).toBeCloseTo(loss, 3);
    expect(tried.cost).toBeGreaterThan(0);
  });

  it('is calibrated by the rows that choose and shown on the others, whatever they say', async () => {
    const data = await dataOf();
    const { showing } = data.rows;
    // The others' labels turned round: what is right of the choosing rows is wrong of them, and no calibration fitted on them may mend it.
    const turned = { ...showing, labels: showing.labels.map((label) => 1 - label) };
    const how = { epochs: 3, signal, onStep: () => undefined, onRung: told(true).onRung };
    const tried = await trySetting(
      settingOf(pairs, 'trial'),
      { ...data, rows: { ...data.rows, showing: turned } },
      how,
    );
    expect(tried.rungs.at(-1)!.loss).toBeLessThan(0.55);
    // Every other click of theirs taken away: .409 and .091 click where .818 and .182 are foretold, which is 0.71 nats; a calibration of their own would make it 0.49.
    const fewer = { ...showing, labels: showing.labels.map((label, row) => (row % 2 === 0 ? label : 0)) };
    const thinned = await trySetting(
      settingOf(pairs, 'trial'),
      { ...data, rows: { ...data.rows, showing: fewer } },
      how,
    );
    expect(Math.abs(thinned.shown!.loss - 0.71)).toBeLessThan(0.08);
    // Odds of 4.5 to 1 given to the wrong label in .818 of the rows: .818 · 1.7 + .182 · .2 = 1.43 nats, AUC 1 − .818.
    expect(tried.shown!.loss).toBeGreaterThan(1);
    expect(Math.abs(tried.shown!.auc - 0.182)).toBeLessThan(0.05);
  });

  it('keeps the learning rate until its last way, on which it falls to 0', async () => {
    const steps = vi.spyOn(ClickModelTrainer.prototype, 'trainStep');
    await trySetting(settingOf(pairs, 'trial'), await dataOf(), {
      epochs: 9,
      signal,
      onStep: () => undefined,
      onRung: told(true).onRung,
    });
    const rates = steps.mock.calls.map(([, , { learningRate }]) => learningRate);
    steps.mockRestore();
    // 3 epochs of 30 batches, then 6 epochs down to 1/180 of it.
    expect(rates).toHaveLength(270);
    expect(new Set(rates.slice(0, 91))).toEqual(new Set([0.05]));
    for (const [index, rate] of rates.slice(90).entries()) expect(rate).toBeCloseTo(0.05 * (1 - index / 180), 12);
  });

  it('is shown by the weights of its best look, not by its last ones', async () => {
    const { data, options } = await dataOf();
    const trial = new Trial({ ...settingOf(pairs, 'fast'), learningRate: 0.5 }, data, options);
    await trial.look();
    await trial.train({ steps: 300, decays: false, patience: Infinity }, () => Promise.resolve());
    expect(trial.bestStep).toBeLessThan(300);
    const { logits } = trial.best!;
    expect(await trial.bestLogits(data.validation)).toEqual(logits);
  });

  it('stops at a rung where it is told to, and has shown what it came to', async () => {
    const { onRung } = told(false);
    const data = await dataOf();
    const how = { epochs: 9, signal, onStep: () => undefined, onRung };
    const tried = await trySetting(settingOf(pairs, 'trial'), data, how);
    expect([tried.state, tried.rungs.length]).toEqual(['stopped', 1]);
    expect(tried.shown!.loss).toBeGreaterThan(0.47);
    // The same data and setting show the same, to the last bit.
    expect(await trySetting(settingOf(pairs, 'again'), data, how)).toEqual(tried);
  });

  it('fails with a reason where its numbers are not finite', async () => {
    const setting = { ...settingOf(pairs, 'wild'), learningRate: 1e30 };
    const tried = await trySetting(setting, await dataOf(), {
      epochs: 1,
      signal,
      onStep: () => undefined,
      onRung: told(true).onRung,
    });
    expect(tried).toMatchObject({ state: 'failed', reason: expect.stringMatching(/not finite at step \d+/) });
  });

  it('ends with the reason of a signal', async () => {
    const stopping = new AbortController();
    const ended = trySetting(settingOf(pairs, 'trial'), await dataOf(), {
      epochs: 9,
      signal: stopping.signal,
      onStep: (done) => {
        if (done === 5) stopping.abort(new Error('stop'));
      },
      onRung: told(true).onRung,
    });
    await expect(ended).rejects.toThrow('stop');
  });
});
