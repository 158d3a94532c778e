import { DeploymentConflict } from '@adstocrat/metadata';
import { decideRollout, settledStates } from '@adstocrat/rollouts';
import type { CandidateInServing, RolloutPolicy, RolloutStep, RolloutWait } from '@adstocrat/rollouts';
import type { Deployments } from './deployments.ts';
import type { AskServing } from './serving-instances.ts';

/** What one look at a rollout came to. */
export type RolloutProgress =
  | { readonly kind: 'moved'; readonly step: RolloutStep; readonly revision: number; readonly reason: string }
  | { readonly kind: 'waiting'; readonly why: RolloutWait; readonly forMs: number; readonly reason: string }
  | { readonly kind: 'overtaken' }
  /** The candidate is settled: stable, or rolled back. */
  | { readonly kind: 'done' };

/** The machinery around {@link decideRollout}: looks, decides, and does one step. */
export class RollOut {
  readonly #deployments: Deployments;
  readonly #askServing: AskServing;
  readonly #nowMs: () => number;
  readonly #clockSpeed: number;

  constructor(options: {
    readonly deployments: Deployments;
    readonly askServing: AskServing;
    readonly nowMs: () => number;
    readonly clockSpeed: number;
  }) {
    this.#deployments = options.deployments;
    this.#askServing = options.askServing;
    this.#nowMs = options.nowMs;
    this.#clockSpeed = options.clockSpeed;
  }

  /** Brings `candidate`, a blessed version, one step nearer to all of the traffic, or says what it waits for. */
  async step(model: string, candidate: number, policy: RolloutPolicy): Promise<RolloutProgress> {
    const { deployment, state } = await this.#deployments.standing(model, candidate);
    // The deployment in force may have moved past the candidate already: promoted, or rolled back by a person.
    if (settledStates.includes(state)) {
      await this.#deployments.settle(model);
      return { kind: 'done' };
    }
    const rollingOut = deployment?.labels.canary === candidate;
    const serving: CandidateInServing = rollingOut
      ? await this.#askServing(model, candidate)
      : { state: 'loading', reason: 'not asked for yet' };
    const decision = decideRollout({
      policy,
      clockSpeed: this.#clockSpeed,
      nowMs: this.#nowMs(),
      candidate,
      serving,
      ...(deployment && { deployment }),
    });
    if (decision.kind === 'done') return decision;
    if (decision.kind === 'wait')
      return { kind: 'waiting', why: decision.why, forMs: decision.forMs, reason: decision.reason };
    try {
      const { revision } = await this.#deployments.change(
        model,
        deployment?.revision ?? 0,
        decision.deployment,
        decision.reason,
      );
      return { kind: 'moved', step: decision.step, revision, reason: decision.reason };
    } catch (error) {
      // Someone rolled back in between: the next look decides on what is in force now.
      if (error instanceof DeploymentConflict) return { kind: 'overtaken' };
      throw error;
    }
  }
}
