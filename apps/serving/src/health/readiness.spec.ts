import { describe, expect, it } from 'vitest';
import { ModelTable } from '../models/model-table.ts';
import { Readiness } from './readiness.ts';

function subject(known = true, drainMs = 0): { models: ModelTable; readiness: Readiness; drained: () => number } {
  const models = new ModelTable();
  let drained = 0;
  const readiness = new Readiness({
    models,
    deploymentsKnown: () => known,
    logWritable: () => true,
    drainMs,
    onDrain: () => (drained += 1),
  });
  return { models, readiness, drained: () => drained };
}
const routing = { labels: { stable: 1 }, split: [] };

describe('Readiness', () => {
  it('is not there until it is known what is deployed', () => {
    expect(subject(false).readiness.ready).toBe(false);
    expect(subject(true).readiness.ready).toBe(true);
  });

  it('needs one model in force where any is deployed, and tells each by name', () => {
    const { models, readiness } = subject();
    models.open('damaged');
    expect(readiness.ready).toBe(false);
    models.open('ads').routing = routing;
    expect(readiness.ready).toBe(true);
    expect(readiness.models()).toEqual({ damaged: false, ads: true });
  });

  it('is told to be gone before the pause begins, and a stop that is in a hurry does not wait for it', async () => {
    const { readiness, drained } = subject(true, 60_000);
    const hurry = new AbortController();
    const stopped = readiness.stop(hurry.signal);
    expect([readiness.ready, readiness.draining, drained()]).toEqual([false, true, 1]);
    hurry.abort();
    await stopped;
  });
});
