import { wholeTraffic } from '@adstocrat/servables';
import type { CandidateInServing } from './candidate-in-serving.ts';
import { nextCanaryShare } from './rollout-policy.ts';
import type { RolloutPolicy } from './rollout-policy.ts';

/** What a model's deployment wants, by version number alone. */
export interface RolloutDeployment {
  /** Versions to hold loaded, ascending. */
  readonly versions: readonly number[];
  readonly labels: { readonly stable: number; readonly canary?: number };
  /** Sums to 10000. A version without traffic is left out. */
  readonly split: readonly { readonly version: number; readonly basisPoints: number }[];
}

/** Everything a rollout's next step depends on. */
export interface RolloutSnapshot {
  readonly policy: RolloutPolicy;
  /** Event-time seconds per wall second, > 0. */
  readonly clockSpeed: number;
  /** Wall clock, Unix milliseconds. */
  readonly nowMs: number;
  /** The blessed version that wants to become stable. */
  readonly candidate: number;
  /** The deployment in force; undefined before the first. */
  readonly deployment?: RolloutDeployment & { readonly changedAtMs: number };
  readonly serving: CandidateInServing;
}

export type RolloutDecision =
  | {
      readonly kind: 'deploy';
      readonly step: RolloutStep;
      readonly deployment: RolloutDeployment;
      readonly reason: string;
    }
  /** Ask again, at the latest in `forMs`. */
  | { readonly kind: 'wait'; readonly forMs: number; readonly why: RolloutWait; readonly reason: string }
  /** The candidate is stable. */
  | { readonly kind: 'done' };

export type RolloutStep = 'first' | 'shadow' | 'canary' | 'promote' | 'roll-back';
export type RolloutWait = 'other-rollout' | 'step-held' | 'loading' | 'unreachable';

/** Wall milliseconds between two looks where nothing says when something will change. */
export const rolloutPollMs = 500;
/** Longest time between two looks at a share that is held: serving may lose the candidate meanwhile. */
const heldPollMs = 15_000;

/**
 * The next step of a rollout: a pure function of what is recorded and what serving says, so that a process that was
 * killed continues where it was.
 *
 * - nothing is deployed: the candidate gets everything at once
 * - it was not begun: it is loaded without traffic, labelled `canary` (shadow)
 * - each share is held for its event time; then, and only if serving has the version available, the next share
 * - the last share was held: it becomes `stable`; the version before it is no longer loaded
 * - serving failed to load it: back to the stable version alone
 * - serving does not answer, or is loading: no step forward
 */
export function decideRollout(snapshot: RolloutSnapshot): RolloutDecision {
  const { candidate, deployment, policy, serving } = snapshot;
  if (!(snapshot.clockSpeed > 0)) throw new RangeError(`clockSpeed must be > 0, got ${snapshot.clockSpeed}`);
  if (deployment === undefined) {
    return {
      kind: 'deploy',
      step: 'first',
      deployment: onlyStable(candidate),
      reason: `version ${candidate} is the first`,
    };
  }
  const { stable, canary } = deployment.labels;
  if (stable === candidate) return { kind: 'done' };
  if (canary === undefined) {
    return {
      kind: 'deploy',
      step: 'shadow',
      deployment: withCanary(stable, candidate, 0),
      reason: `version ${candidate} is loaded beside ${stable}`,
    };
  }
  if (canary !== candidate) {
    return {
      kind: 'wait',
      forMs: rolloutPollMs,
      why: 'other-rollout',
      reason: `the rollout of version ${canary} comes first`,
    };
  }
  if (serving.state === 'failed') {
    const reason = `serving could not load version ${candidate}: ${serving.reason}`;
    return { kind: 'deploy', step: 'roll-back', deployment: onlyStable(stable), reason };
  }
  const share = shareOf(deployment, candidate);
  const heldMs = snapshot.nowMs - deployment.changedAtMs;
  const holdMs = (share === 0 ? policy.shadowMs : policy.stepMs) / snapshot.clockSpeed;
  if (heldMs < holdMs) {
    const forMs = Math.min(holdMs - heldMs, Math.max(rolloutPollMs, Math.min(holdMs / 10, heldPollMs)));
    return { kind: 'wait', forMs, why: 'step-held', reason: `version ${candidate} is held at ${share / 100} %` };
  }
  if (serving.state === 'unreachable') {
    return {
      kind: 'wait',
      forMs: rolloutPollMs,
      why: 'unreachable',
      reason: `serving cannot be asked: ${serving.reason}`,
    };
  }
  if (serving.state === 'loading') {
    return {
      kind: 'wait',
      forMs: rolloutPollMs,
      why: 'loading',
      reason: `serving is loading version ${candidate}: ${serving.reason}`,
    };
  }
  const passedOver = serving.passedOver.length > 0 ? `, without waiting for ${serving.passedOver.join(', ')}` : '';
  const next = nextCanaryShare(policy, share);
  return next === undefined
    ? {
        kind: 'deploy',
        step: 'promote',
        deployment: onlyStable(candidate),
        reason: `version ${candidate} takes over from ${stable}${passedOver}`,
      }
    : {
        kind: 'deploy',
        step: 'canary',
        deployment: withCanary(stable, candidate, next),
        reason: `version ${candidate} gets ${next / 100} %${passedOver}`,
      };
}

/** One version with all of the traffic. */
export function onlyStable(stable: number): RolloutDeployment {
  return { versions: [stable], labels: { stable }, split: [{ version: stable, basisPoints: wholeTraffic }] };
}

function withCanary(stable: number, canary: number, basisPoints: number): RolloutDeployment {
  const split = [
    { version: stable, basisPoints: wholeTraffic - basisPoints },
    { version: canary, basisPoints },
  ].filter((share) => share.basisPoints > 0);
  return { versions: [stable, canary].toSorted((a, b) => a - b), labels: { stable, canary }, split };
}

function shareOf(deployment: RolloutDeployment, version: number): number {
  return deployment.split.find((share) => share.version === version)?.basisPoints ?? 0;
}
