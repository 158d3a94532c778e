import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeModel, scoringGraph, splitMix32 } from '@adstocrat/models';
import { encodeOnnx } from '@adstocrat/onnx';
import { drawnWeights, everyStream } from '../testing.ts';
import { GatheredRuns, scoresOfRows } from './gathered-runs.ts';
import { maxRunRows, type ModelTensors, OnnxSession } from './onnx-session.ts';
import { SessionEnded } from './session-thread.ts';

const [fields, idRows, dense] = [23, 400, 13];

/** Uniform in [0, 1). */
function uniform(seed: number): () => number {
  const next = splitMix32(seed);
  return () => next() / 2 ** 32;
}

/** With weights of which no sum is exact. */
function modelBytes(): Uint8Array {
  const spec = composeModel({ fields, idRows, dense }, everyStream);
  const random = uniform(5);
  const weights = drawnWeights(spec, () => random() - 0.5);
  return encodeOnnx(scoringGraph(spec, weights, { method: 'platt', slope: 1.1, intercept: -0.3 }));
}

const rowsOf = (rows: number, seed: number): ModelTensors => {
  const random = uniform(seed);
  return {
    ids: { data: Int32Array.from({ length: rows * fields }, () => random() * idRows), shape: [rows, fields] },
    dense: { data: Float32Array.from({ length: rows * dense }, () => random() * 4 - 2), shape: [rows, dense] },
  };
};
const bits = (scores: Float32Array): readonly number[] => [...new Uint32Array(Float32Array.from(scores).buffer)];

describe('GatheredRuns', () => {
  let model: OnnxSession;
  beforeAll(async () => (model = await OnnxSession.open(modelBytes())));
  afterAll(() => model.close());

  it('gives each request the bits that it gets alone, whatever is asked for beside it', async () => {
    // Every number of rows that a run may have stands somewhere: 1, 2, 3, …, and what one turn asks for is cut anywhere.
    for (let size = 1; size <= maxRunRows; size += 1) {
      const runs: number[] = [];
      const gathered = new GatheredRuns((inputs) => {
        runs.push(inputs['ids']?.shape[0] ?? 0);
        return model.run(inputs);
      }, scoresOfRows);
      const asked = [rowsOf(1, size), rowsOf(size, size + 1000), rowsOf(2, size + 2000), rowsOf(1, size + 3000)];
      const together = await Promise.all(asked.map((inputs) => gathered.run(inputs, inputs['ids']?.shape[0] ?? 0)));
      expect(runs.reduce((sum, rows) => sum + rows, 0)).toBe(size + 4);
      // In the order in which they were asked for: 1 + 127 rows are one run, 128 are one of their own.
      expect(runs.length).toBe(size + 4 <= maxRunRows ? 1 : size + 1 <= maxRunRows ? 2 : 3);
      for (const [at, inputs] of asked.entries())
        expect(bits(together[at] as Float32Array)).toEqual(bits(await model.run(inputs)));
    }
  });

  it('runs what comes while it runs together, once it has ended', async () => {
    const runs: number[] = [];
    const late: Promise<Float32Array>[] = [];
    const gathered: GatheredRuns = new GatheredRuns((inputs) => {
      runs.push(inputs['ids']?.shape[0] ?? 0);
      if (runs.length === 1) for (let n = 0; n < 5; n += 1) late.push(gathered.run(rowsOf(1, n), 1));
      return model.run(inputs);
    }, scoresOfRows);
    await gathered.run(rowsOf(3, 9), 3);
    await Promise.all(late);
    expect(runs).toEqual([3, 5]);
  });

  it('lets only the request fail that the model refuses', async () => {
    const gathered = new GatheredRuns((inputs) => model.run(inputs), scoresOfRows);
    const outside = { ...rowsOf(1, 1), ids: { data: new Int32Array(fields).fill(idRows + 5), shape: [1, fields] } };
    const answers = await Promise.allSettled([
      gathered.run(rowsOf(1, 2), 1),
      gathered.run(outside, 1),
      gathered.run(rowsOf(2, 3), 2),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('fails all requests of a run whose thread ends, at once, and runs none alone that nobody waits for', async () => {
    let [runs, failure]: [number, Error] = [0, new SessionEnded('the thread of the model ended')];
    const gathered = new GatheredRuns<ModelTensors, Float32Array>(() => {
      runs += 1;
      return Promise.reject(failure);
    }, scoresOfRows);
    const ask = (goOn?: () => void): Promise<unknown> =>
      Promise.allSettled([1, 2, 3].map((seed) => gathered.run(rowsOf(1, seed), 1, goOn)));
    const ended = { status: 'rejected', reason: failure };
    expect(await ask()).toEqual([ended, ended, ended]);
    expect(runs).toBe(1);
    // Of three that are refused together the first is run alone, then nobody waits any more.
    failure = new Error('refused');
    const late = new Error('late');
    const answers = await ask(() => {
      if (runs === 3) throw late;
    });
    expect(answers).toEqual([failure, late, late].map((reason) => ({ status: 'rejected', reason })));
    expect(runs).toBe(3);
  });
});
