export type { ServableManifest, WarmUp } from './lib/servable-manifest.ts';
export { decideRollout, onlyStable, rolloutPollMs } from './lib/rollout-decision.ts';
export type {
  CandidateInServing,
  RolloutDecision,
  RolloutDeployment,
  RolloutSnapshot,
  RolloutStep,
  RolloutWait,
} from './lib/rollout-decision.ts';
export { nextCanaryShare, wholeTraffic } from './lib/rollout-policy.ts';
export type { RolloutPolicy } from './lib/rollout-policy.ts';
export { settledStates, stateUnder } from './lib/rollout-states.ts';
export type { VersionState } from './lib/rollout-states.ts';
export { routePoint, routeRequest } from './lib/route-request.ts';
export type { RouteChoice, Routing } from './lib/route-request.ts';
