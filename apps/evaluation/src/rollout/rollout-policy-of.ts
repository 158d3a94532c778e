import type { RolloutPolicy } from '@adstocrat/servables';
import type { Task } from '@adstocrat/tasks';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** The task's rollout in milliseconds and 1/10000. */
export function rolloutPolicyOf(rollout: Task['rollout']): RolloutPolicy {
  return {
    shadowMs: durationMs(rollout.shadow),
    canaryBasisPoints: rollout.canary.map((share) => Math.round(Number.parseFloat(share) * 100)),
    stepMs: durationMs(rollout.step),
  };
}

function durationMs(duration: string): number {
  const [, count, unit] = /^([\d.]+)([a-z]+)$/.exec(duration) ?? [];
  const factor = unitMs[unit ?? ''];
  if (factor === undefined) throw new RangeError(`a duration such as 30m is wanted, got "${duration}"`);
  return Number(count) * factor;
}
