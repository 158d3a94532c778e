import { describe, expect, it } from 'vitest';
import { parseTask } from '@adstocrat/tasks';
import { additive, worldOf } from '../testing/small-world.ts';
import { searchModel } from './search-model.ts';
import { searchOptionsOf } from './search-options.ts';

const taskWith = (training: string) =>
  parseTask(`name: t\nlabel: y\ndata: {examples: ['*.csv']}\ntraining: ${training}\n`, 'task.yaml');
const settings =
  '[{name: one, learningRate: 0.02, embedding: {units: 3, l2: 2, dropout: 0}, streams: [{stream: factorization-machine}]}, ' +
  '{name: other, learningRate: 0.01, embedding: {units: 2, l2: 2, dropout: 0.1}, streams: [{stream: two-stream, left: [8], right: [4], dropout: 0.2}]}]';

describe('a task’s search', () => {
  it.each([
    ['{}', { budget: 12, seed: 1 }],
    [
      '{budget: 3, seed: 7, batchSize: 64, maxSteps: 9, learningRate: 0.1}',
      { budget: 3, seed: 7, batchSize: 64, maxSteps: 9, learningRate: 0.1 },
    ],
  ] as const)('goes by %s', (training, options) => {
    expect(searchOptionsOf(taskWith(training))).toEqual(options);
  });

  it('tries its settings instead of the portfolio', async () => {
    const options = searchOptionsOf(taskWith(`{budget: 2, settings: ${settings}}`));
    const { trials } = await searchModel(worldOf(additive), options, new AbortController().signal, () => undefined);
    expect(trials.filter(({ curve }) => curve.length > 0).map(({ name }) => name)).toEqual(['one', 'other']);
  });
});
