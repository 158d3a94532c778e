import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { Checkpoints } from '../checkpoint/checkpoints.ts';
import type { RunMemory } from '../checkpoint/snapshot.ts';
import { cacheRows } from '../data/cache-rows.ts';
import { noExtras } from '../data/load-examples.ts';
import { exclusive, worldOf } from '../testing/small-world.ts';
import type { FitProgress } from './fitted-members.ts';
import { searchModel, type SearchProgress, type SearchResult } from './search-model.ts';

/** The process died: nothing of it is used again. */
class Killed extends Error {}

describe('a search that is killed and begun again', () => {
  let folder: string;
  let attempts = 0;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'adstocrat-resume-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** A new attempt's, which keeps every step. */
  function memory(): RunMemory {
    attempts += 1;
    return new Checkpoints({
      store: new LocalArtifactStore(),
      uri: pathToFileURL(folder).href,
      attempt: attempts,
      everyMs: 0,
      nowMs: () => 0,
      onKept: () => Promise.resolve(),
      onWarning: (sentence) => {
        throw new Error(sentence);
      },
    });
  }

  /** Ends with {@link Killed} at a step, before that step is kept. Returns the steps that were taken. */
  async function attempt(
    killAt: number,
    data = worldOf(exclusive),
  ): Promise<{ readonly steps: number[]; readonly found?: SearchResult }> {
    const steps: number[] = [];
    const onProgress = (told: SearchProgress | FitProgress): void => {
      if (!('step' in told)) return;
      const { step } = told;
      steps.push(step);
      if (step === killAt) throw new Killed();
    };
    const options = { budget: 2, seed: 3, batchSize: 128 };
    const run = searchModel(data, options, new AbortController().signal, onProgress, memory());
    return run.then(
      (found) => ({ steps, found }),
      (error: unknown) => {
        if (error instanceof Killed) return { steps };
        throw error;
      },
    );
  }

  it('gives the same model to the last bit, wherever it was killed, and trains nothing twice', async () => {
    const whole = (await attempt(Infinity)).found!;
    rmSync(folder, { recursive: true });
    // An epoch has 23 steps, a twelfth of two epochs 4: four models take steps 1 to 16, two of them 17 to 24, the last one 25 to 47.
    const kills = [1, 4, 10, 17, 24, 25, 40];
    const taken: number[] = [];
    for (const killAt of kills) {
      const { steps, found } = await attempt(killAt);
      expect(found).toBeUndefined();
      // The step that was not kept is taken again.
      expect(steps[0]).toBe(taken.at(-1) ?? 1);
      taken.push(...steps);
    }
    const { found, steps } = await attempt(Infinity);
    expect(steps[0]).toBe(kills.at(-1));
    expect([...found!.weights]).toEqual([...whole.weights]);
    expect([...found!.served.weights]).toEqual([...whole.served.weights]);
    expect(found!.served.again).toEqual(whole.served.again);
    expect(found!.spec).toEqual(whole.spec);
    expect(found!.look).toEqual(whole.look);
    expect(found!.trials).toEqual(whole.trials);
  });

  it('does no fit again that was done', async () => {
    const { signal } = new AbortController();
    const fitsKept: unknown[] = [];
    const run = (killAfter: number): Promise<SearchResult> => {
      const own = memory();
      const watched: RunMemory = {
        recall: (about) => own.recall(about),
        keep: async (snapshot, milestone) => {
          await own.keep(snapshot, milestone);
          fitsKept.push(snapshot().facts['fits']);
          if (fitsKept.length === killAfter) throw new Killed();
        },
      };
      return searchModel(worldOf(exclusive), { budget: 1, seed: 3, batchSize: 512 }, signal, () => undefined, watched);
    };
    const whole = await run(Infinity);
    expect(fitsKept.slice(0, 4)).toEqual([1, 2, 3, 3]);
    rmSync(folder, { recursive: true });
    fitsKept.length = 0;
    await expect(run(2)).rejects.toThrow(Killed);
    const found = await run(Infinity);
    // The third fit is the first thing that is kept after the kill.
    expect(fitsKept.slice(0, 4)).toEqual([1, 2, 3, 3]);
    expect([...found.weights]).toEqual([...whole.weights]);
    expect(found.trials).toEqual(whole.trials);
  });

  it('does so with training rows in a file', async () => {
    const world = worldOf(exclusive);
    const { graph, train } = world;
    const data = { ...world, train: await cacheRows(join(folder, 'rows'), graph, train, noExtras, train.parts()) };
    const whole = (await attempt(Infinity, data)).found!;
    for (const path of readdirSync(folder)) if (path !== 'rows') rmSync(join(folder, path), { recursive: true });
    for (const killAt of [10, 35]) await attempt(killAt, data);
    const { found, steps } = await attempt(Infinity, data);
    expect(steps[0]).toBe(35);
    expect([...found!.weights]).toEqual([...whole.weights]);
    await data.train.close();
  });
});
