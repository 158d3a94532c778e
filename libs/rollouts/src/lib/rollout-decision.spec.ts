import { describe, expect, it } from 'vitest';
import { decideRollout, rolloutPollMs } from './rollout-decision.ts';
import type { CandidateInServing } from './candidate-in-serving.ts';
import type { RolloutSnapshot } from './rollout-decision.ts';

const available: CandidateInServing = { state: 'available', passedOver: [] };
const policy = { shadowMs: 3_600_000, canaryBasisPoints: [1_000, 5_000], stepMs: 600_000 };
// At 600 event seconds a wall second: the shadow hour lasts 6 s of wall time, a step of ten minutes 1 s.
const base = { policy, clockSpeed: 600, candidate: 2, serving: available, nowMs: 100_000 };
const shadow = { versions: [1, 2], labels: { stable: 1, canary: 2 }, split: [{ version: 1, basisPoints: 10_000 }] };
const canary = (basisPoints: number) => ({
  ...shadow,
  split: [
    { version: 1, basisPoints: 10_000 - basisPoints },
    { version: 2, basisPoints },
  ],
});
const stable = (version: number) => ({
  versions: [version],
  labels: { stable: version },
  split: [{ version, basisPoints: 10_000 }],
});
const agoMs = (ms: number) => ({ changedAtMs: base.nowMs - ms });

describe('decideRollout', () => {
  it.each<{
    readonly why: string;
    readonly change: Partial<RolloutSnapshot>;
    readonly step: string;
    readonly deployment: object;
  }>([
    { why: 'nothing is deployed', change: {}, step: 'first', deployment: stable(2) },
    {
      why: 'nothing is deployed and serving is away',
      change: { serving: { state: 'unreachable', reason: 'refused' } },
      step: 'first',
      deployment: stable(2),
    },
    {
      why: 'another version is stable',
      change: { deployment: { ...stable(1), ...agoMs(0) } },
      step: 'shadow',
      deployment: shadow,
    },
    {
      why: 'the shadow hour is over',
      change: { deployment: { ...shadow, ...agoMs(6_000) } },
      step: 'canary',
      deployment: canary(1_000),
    },
    {
      why: 'the first share was held',
      change: { deployment: { ...canary(1_000), ...agoMs(1_000) } },
      step: 'canary',
      deployment: canary(5_000),
    },
    {
      why: 'the last share was held',
      change: { deployment: { ...canary(5_000), ...agoMs(1_000) } },
      step: 'promote',
      deployment: stable(2),
    },
    {
      why: 'the share in force is no longer in the policy',
      change: { deployment: { ...canary(2_500), ...agoMs(1_000) } },
      step: 'canary',
      deployment: canary(5_000),
    },
    {
      why: 'the policy has no canary',
      change: { policy: { ...policy, canaryBasisPoints: [] }, deployment: { ...shadow, ...agoMs(6_000) } },
      step: 'promote',
      deployment: stable(2),
    },
    {
      why: 'shares are out of order or no shares at all',
      change: {
        policy: { ...policy, canaryBasisPoints: [10_000, 5_000, 0, 1_000] },
        deployment: { ...shadow, ...agoMs(6_000) },
      },
      step: 'canary',
      deployment: canary(1_000),
    },
    {
      why: 'no shadow is asked for',
      change: { policy: { ...policy, shadowMs: 0 }, deployment: { ...shadow, ...agoMs(0) } },
      step: 'canary',
      deployment: canary(1_000),
    },
    {
      why: 'serving failed to load the candidate, however early',
      change: { deployment: { ...shadow, ...agoMs(0) }, serving: { state: 'failed', reason: 'digest differs' } },
      step: 'roll-back',
      deployment: stable(1),
    },
    {
      why: 'serving lost the candidate under traffic',
      change: {
        deployment: { ...canary(5_000), ...agoMs(9_000) },
        serving: { state: 'failed', reason: 'out of memory' },
      },
      step: 'roll-back',
      deployment: stable(1),
    },
  ])('does $step where $why', ({ change, step, deployment }) => {
    expect(decideRollout({ ...base, ...change })).toMatchObject({ kind: 'deploy', step, deployment });
  });

  it('names what was passed over', () => {
    const serving = { state: 'available' as const, passedOver: ['b:1', 'c:2'] };
    expect(decideRollout({ ...base, serving, deployment: { ...shadow, ...agoMs(6_000) } })).toMatchObject({
      step: 'canary',
      reason: 'version 2 gets 10 %, without waiting for b:1, c:2',
    });
  });

  it.each<{
    readonly why: string;
    readonly wait: string;
    readonly change: Partial<RolloutSnapshot>;
    readonly forMs: number;
  }>([
    {
      why: 'the shadow hour is not over',
      wait: 'step-held',
      change: { deployment: { ...shadow, ...agoMs(5_900) } },
      forMs: 100,
    },
    {
      why: 'a share is held for long: serving may lose the version meanwhile',
      wait: 'step-held',
      change: { clockSpeed: 1, deployment: { ...canary(1_000), ...agoMs(1_000) } },
      forMs: 15_000,
    },
    {
      why: 'the share is not held long enough',
      wait: 'step-held',
      change: { deployment: { ...canary(1_000), ...agoMs(999) } },
      forMs: 1,
    },
    {
      why: 'serving is still loading',
      wait: 'loading',
      change: { deployment: { ...shadow, ...agoMs(7_000) }, serving: { state: 'loading', reason: 'a' } },
      forMs: rolloutPollMs,
    },
    {
      why: 'serving cannot be reached',
      wait: 'unreachable',
      change: {
        deployment: { ...canary(5_000), ...agoMs(99_000) },
        serving: { state: 'unreachable', reason: 'refused' },
      },
      forMs: rolloutPollMs,
    },
    {
      why: 'another version is being rolled out',
      wait: 'other-rollout',
      change: { candidate: 3, deployment: { ...canary(1_000), ...agoMs(99_000) } },
      forMs: rolloutPollMs,
    },
  ])('waits ($wait) where $why', ({ change, wait, forMs }) => {
    expect(decideRollout({ ...base, ...change })).toMatchObject({ kind: 'wait', why: wait, forMs });
  });

  it('is done where the candidate is stable', () => {
    expect(decideRollout({ ...base, deployment: { ...stable(2), ...agoMs(0) } })).toEqual({ kind: 'done' });
  });

  it('ends a whole rollout in which every deployment shares out all of the traffic', () => {
    let nowMs = 0;
    let deployment: RolloutSnapshot['deployment'] = { ...stable(1), changedAtMs: 0 };
    const shares: number[] = [];
    for (;;) {
      const decision = decideRollout({ ...base, nowMs, deployment });
      if (decision.kind === 'done') break;
      if (decision.kind === 'wait') nowMs += decision.forMs;
      else {
        expect(decision.deployment.split.reduce((sum, share) => sum + share.basisPoints, 0)).toBe(10_000);
        shares.push(decision.deployment.split.find((share) => share.version === 2)?.basisPoints ?? 0);
        deployment = { ...decision.deployment, changedAtMs: nowMs };
      }
    }
    expect(shares).toEqual([0, 1_000, 5_000, 10_000]);
    // One hour and two steps of ten minutes, at 600 event seconds a wall second.
    expect(nowMs).toBeCloseTo(8_000, 6);
  });

  it('refuses a clock that stands still', () => {
    expect(() => decideRollout({ ...base, clockSpeed: 0 })).toThrow(new RangeError('clockSpeed must be > 0, got 0'));
  });
});
