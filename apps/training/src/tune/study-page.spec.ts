import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { TuningTrialRecord } from '@adstocrat/metadata';
import { parseTask } from '@adstocrat/tasks';
import { foundSettingsYaml } from './found-settings.ts';
import { studyPage } from './study-page.ts';

const points = [
  { model: 'pairs', learningRate: 0.01, units: 8, l2: 5 },
  { model: 'two streams', learningRate: 0.002, unitsRead: 4, l2: 20, dropoutRead: 0.1, hidden: '64-32', dropout: 0.2 },
  { model: '<script>alert(1)</script>', learningRate: 0.01 },
];
const trials = points.map((point, index): TuningTrialRecord => ({
  study: 's',
  trial: index + 1,
  attempt: 1,
  state: index === 2 ? 'failed' : 'finished',
  from: index === 0 ? 'portfolio' : 'sampler',
  point,
  rungs: index === 2 ? [] : [{ epochs: 9, loss: 0.3 - index / 100, auc: 0.7 }],
  ...(index === 2
    ? { reason: 'its loss was not finite at step 7' }
    : { shown: { loss: 0.3, auc: 0.7, stretches: [0.3 - index / 100, 0.3 - index / 90] }, cost: 1234, seconds: 2 }),
}));
const study = {
  id: 'abc',
  task: 'ads',
  spans: [1],
  digests: ['d'],
  taskYaml: '',
  sampler: 'tpe',
  epochs: 9,
  seed: 1,
  trials: 4,
  madeAtMs: 1,
  askedAtMs: 1,
};

describe('a study’s page', () => {
  it('shows every trial across its parameters, what was found, and nothing that runs', () => {
    const html = studyPage({ study, trials, live: [], state: 'cancelled', reason: 'the user left' });
    expect(html).toContain('2 of 4 trials have ended; the study is cancelled: the user left');
    expect(html.match(/<polyline[^>]*><title>/g)).toHaveLength(2);
    for (const axis of ['model', 'learningRate', 'units', 'unitsRead', 'hidden', 'log-loss'])
      expect(html).toMatch(new RegExp(`font-weight="bold">${axis}<`));
    expect(html).toContain('its loss was not finite at step 7');
    expect(html).not.toContain('<script');
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('of a study that has only begun says so', () => {
    const html = studyPage({ study, trials: [], live: [], state: 'running' });
    expect(html).toContain('0 of 4 trials have ended');
    expect(html).toContain('Nothing can be compared yet');
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('found settings', () => {
  it('are a task’s, the best one first', () => {
    const yaml = foundSettingsYaml(trials);
    const task = parseTask(`name: ads\nlabel: y\ndata: {examples: ['*.csv']}\n${yaml}`, 'task.yaml');
    expect(task.training).toEqual((parse(yaml) as { training: unknown }).training);
    expect(task.training.settings?.map(({ name }) => name)).toEqual(['trial 2', 'trial 1']);
    expect(task.training.settings?.[0]).toEqual({
      name: 'trial 2',
      learningRate: 0.002,
      embedding: { units: 4, l2: 20, dropout: 0.1 },
      streams: [{ stream: 'two-stream', left: [64, 32], right: [64, 32], dropout: 0.2 }],
    });
  });
});
