export { togetherInServing } from './lib/candidate-in-serving.ts';
export type { CandidateInServing, InstanceAnswer } from './lib/candidate-in-serving.ts';
export { decideRollout, onlyStable, rolloutPollMs } from './lib/rollout-decision.ts';
export type {
  RolloutDecision,
  RolloutDeployment,
  RolloutSnapshot,
  RolloutStep,
  RolloutWait,
} from './lib/rollout-decision.ts';
export { nextCanaryShare } from './lib/rollout-policy.ts';
export type { RolloutPolicy } from './lib/rollout-policy.ts';
export { overStates, settledStates, stateUnder } from './lib/rollout-states.ts';
export type { VersionState } from './lib/rollout-states.ts';
