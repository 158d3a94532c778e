import { DeploymentConflict, type Metadata } from '@adstocrat/metadata';
import { decideRollout, settledStates } from '@adstocrat/rollouts';
import type { CandidateInServing, RolloutPolicy, RolloutStep, RolloutWait } from '@adstocrat/rollouts';
import { deploymentOf } from './deployment-of.ts';
import type { Deployments } from './deployments.ts';
import type { AskServing } from './serving-instances.ts';

/** What one look at a rollout came to. */
export type RolloutProgress =
  | { readonly kind: 'moved'; readonly step: RolloutStep; readonly revision: number; readonly reason: string }
  | { readonly kind: 'waiting'; readonly why: RolloutWait; readonly forMs: number; readonly reason: string }
  /** Another deployment came first: look again. */
  | { readonly kind: 'overtaken' }
  /** The candidate is settled: stable, or rolled back. */
  | { readonly kind: 'done' };

export interface RollOutOptions {
  readonly metadata: Pick<Metadata, 'currentDeployment' | 'getVersion'>;
  readonly deployments: Deployments;
  readonly askServing: AskServing;
  /** Wall clock, Unix milliseconds. */
  readonly nowMs: () => number;
  /** Event-time seconds per wall second. */
  readonly clockSpeed: number;
}

/** The machinery around {@link decideRollout}: looks, decides, and does one step. */
export class RollOut {
  readonly #options: RollOutOptions;

  constructor(options: RollOutOptions) {
    this.#options = options;
  }

  /** Brings `candidate`, a blessed version, one step nearer to all of the traffic, or says what it waits for. */
  async step(model: string, candidate: number, policy: RolloutPolicy): Promise<RolloutProgress> {
    const { metadata, deployments, askServing, nowMs, clockSpeed } = this.#options;
    // The deployment first: where one comes in between, its revision is too old to be followed, and nothing is changed.
    const record = await metadata.currentDeployment(model);
    const version = await metadata.getVersion(model, candidate);
    if (version === undefined) throw new RangeError(`version ${candidate} of "${model}" does not exist`);
    if (settledStates.includes(version.state)) return { kind: 'done' };
    const deployment = record && deploymentOf(record);
    const rollingOut = deployment?.labels.canary === candidate;
    const serving: CandidateInServing = rollingOut
      ? await askServing(model, candidate)
      : { state: 'loading', reason: 'not asked for yet' };
    const snapshot = { policy, clockSpeed, nowMs: nowMs(), candidate, serving };
    const decision = decideRollout(deployment ? { ...snapshot, deployment } : snapshot);
    if (decision.kind === 'done') return decision;
    if (decision.kind === 'wait')
      return { kind: 'waiting', why: decision.why, forMs: decision.forMs, reason: decision.reason };
    try {
      const changed = await deployments.change(model, record?.revision ?? 0, decision.deployment, decision.reason);
      return { kind: 'moved', step: decision.step, revision: changed.revision, reason: decision.reason };
    } catch (error) {
      if (error instanceof DeploymentConflict) return { kind: 'overtaken' };
      throw error;
    }
  }
}
