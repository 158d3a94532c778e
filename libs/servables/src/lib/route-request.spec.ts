import { describe, expect, it } from 'vitest';
import { routeRequest, type Routing } from './route-request.ts';

const rollout = (canaryShare: number): Routing => ({
  labels: { stable: 3, canary: 4 },
  split: [
    { version: 3, basisPoints: 10_000 - canaryShare },
    { version: 4, basisPoints: canaryShare },
  ],
});
const keys = Array.from({ length: 20_000 }, (_, index) => `user-${index}`);
const onCanary = (share: number, model = 'ads'): Set<string> =>
  new Set(keys.filter((stickyKey) => routeRequest(model, rollout(share), { stickyKey }) === 4));

describe('routeRequest', () => {
  it.each([
    { why: 'the version asked for', choice: { version: 9 }, routing: rollout(5000), version: 9 },
    { why: 'the version a label points at', choice: { label: 'canary' }, routing: rollout(0), version: 4 },
    {
      why: 'nothing for a label that points nowhere',
      choice: { label: 'old' },
      routing: rollout(0),
      version: undefined,
    },
    { why: 'the stable version in shadow', choice: {}, routing: rollout(0), version: 3 },
    {
      why: 'the stable version without a split',
      choice: {},
      routing: { labels: { stable: 7 }, split: [] },
      version: 7,
    },
    { why: 'the canary at all of the traffic', choice: {}, routing: rollout(10_000), version: 4 },
  ])('is $why', ({ choice, routing, version }) => {
    expect(routeRequest('ads', routing, { stickyKey: 'ann', ...choice })).toBe(version);
  });

  it.each([100, 1000, 5000])('gives the canary %i of 10,000 keys, within chance', (share) => {
    const expected = (keys.length * share) / 10_000;
    const deviation = Math.sqrt(expected * (1 - share / 10_000));
    expect(Math.abs(onCanary(share).size - expected)).toBeLessThan(4 * deviation);
  });

  it('keeps a key on the canary as its share grows', () => {
    const grown = onCanary(5000);
    for (const key of onCanary(1000)) expect(grown.has(key)).toBe(true);
  });

  it('draws each model its own lot', () => {
    const other = onCanary(1000, 'other');
    const both = [...onCanary(1000)].filter((key) => other.has(key));
    // Independent: 1 % of 20,000 keys, with a deviation of 14.
    expect(Math.abs(both.length - 200)).toBeLessThan(60);
  });
});
