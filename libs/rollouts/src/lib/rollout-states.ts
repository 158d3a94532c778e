import type { RolloutDeployment } from './rollout-decision.ts';

/**
 * Where a version is on its way: `waiting` for its turn, `evaluating` until the gate has judged it, then `not_blessed`, or `blessed` until its rollout begins;
 * `shadow` where it is loaded without traffic, `canary` with a share, `deployed` with everything. `superseded` by a newer version,
 * `rolled_back` from any share of the traffic.
 */
export type VersionState =
  | 'waiting'
  | 'evaluating'
  | 'blessed'
  | 'shadow'
  | 'canary'
  | 'deployed'
  | 'not_blessed'
  | 'rolled_back'
  | 'superseded';

/** States that a version leaves only by a person's decision. */
export const settledStates: readonly VersionState[] = ['deployed', 'not_blessed', 'rolled_back', 'superseded'];

/** States in which a version has nothing before it: only a person's decision takes it out of them. */
export const overStates: readonly VersionState[] = ['not_blessed', 'rolled_back', 'superseded'];

/**
 * The state that the deployment in force gives a version: what a process must record after it appended a deployment, and
 * what one that was killed in between finds out. A version that no deployment ever named keeps its state.
 */
export function stateUnder(deployment: RolloutDeployment, version: number, before: VersionState): VersionState {
  const { stable, canary } = deployment.labels;
  if (version === stable) return 'deployed';
  if (version === canary) return deployment.split.some((share) => share.version === version) ? 'canary' : 'shadow';
  if (before === 'shadow' || before === 'canary') return 'rolled_back';
  if (before === 'deployed') return version < stable ? 'superseded' : 'rolled_back';
  return before;
}
