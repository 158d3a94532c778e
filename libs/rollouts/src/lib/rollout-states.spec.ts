import { describe, expect, it } from 'vitest';
import { stateUnder } from './rollout-states.ts';
import type { VersionState } from './rollout-states.ts';

const shadow = { versions: [3, 4], labels: { stable: 3, canary: 4 }, split: [{ version: 3, basisPoints: 10_000 }] };
const canary = {
  ...shadow,
  split: [
    { version: 3, basisPoints: 9_000 },
    { version: 4, basisPoints: 1_000 },
  ],
};
const stable3 = { versions: [3], labels: { stable: 3 }, split: [{ version: 3, basisPoints: 10_000 }] };
const stable4 = { versions: [4], labels: { stable: 4 }, split: [{ version: 4, basisPoints: 10_000 }] };

describe('stateUnder', () => {
  it.each<{
    readonly why: string;
    readonly deployment: typeof stable3;
    readonly version: number;
    readonly before: VersionState;
    readonly after: VersionState;
  }>([
    {
      why: 'a candidate is loaded without traffic',
      deployment: shadow,
      version: 4,
      before: 'blessed',
      after: 'shadow',
    },
    { why: 'a candidate gets traffic', deployment: canary, version: 4, before: 'shadow', after: 'canary' },
    { why: 'a candidate is promoted', deployment: stable4, version: 4, before: 'canary', after: 'deployed' },
    { why: 'a newer version took over', deployment: stable4, version: 3, before: 'deployed', after: 'superseded' },
    { why: 'an older version took over', deployment: stable3, version: 4, before: 'deployed', after: 'rolled_back' },
    { why: 'a rollout was given up', deployment: stable3, version: 4, before: 'canary', after: 'rolled_back' },
    {
      why: 'a superseded version is called back',
      deployment: stable3,
      version: 3,
      before: 'superseded',
      after: 'deployed',
    },
    {
      why: 'a waiting candidate is not concerned',
      deployment: canary,
      version: 5,
      before: 'evaluating',
      after: 'evaluating',
    },
    {
      why: 'a version was never blessed',
      deployment: stable4,
      version: 2,
      before: 'not_blessed',
      after: 'not_blessed',
    },
  ])('makes $before $after where $why', ({ deployment, version, before, after }) => {
    expect(stateUnder(deployment, version, before)).toBe(after);
  });
});
