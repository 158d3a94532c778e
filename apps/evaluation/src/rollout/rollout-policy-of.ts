import type { RolloutPolicy } from '@adstocrat/rollouts';
import { wholeTraffic } from '@adstocrat/servables';
import { parseDurationMs, parseShare } from '@adstocrat/tasks';
import type { Task } from '@adstocrat/tasks';

/** The task's rollout in milliseconds and 1/10000. */
export function rolloutPolicyOf(rollout: Task['rollout']): RolloutPolicy {
  return {
    shadowMs: parseDurationMs(rollout.shadow),
    canaryBasisPoints: rollout.canary.map((share) => Math.round(parseShare(share) * wholeTraffic)),
    stepMs: parseDurationMs(rollout.step),
  };
}
