import { type Metadata, readTask, type VersionRecord } from '@adstocrat/metadata';
import type { Deployments } from './rollout/deployments.ts';
import type { RollOut, RolloutProgress } from './rollout/roll-out.ts';
import type { Look } from './model-loop.ts';
import { rolloutPolicyOf } from './rollout/rollout-policy-of.ts';

export interface LookAtModelOptions {
  readonly metadata: Metadata;
  readonly deployments: Deployments;
  readonly rollOut: RollOut;
  /** Evaluates a version and records what came of it. */
  readonly evaluate: (version: VersionRecord, signal: AbortSignal) => Promise<void>;
  readonly onProgress: (model: string, version: number, progress: RolloutProgress) => void;
}

/** One step for a model: its rollout goes first, then the oldest version that waits to be evaluated. */
export class LookAtModel {
  readonly #options: LookAtModelOptions;
  readonly #settled = new Set<string>();

  constructor(options: LookAtModelOptions) {
    this.#options = options;
  }

  async look(model: string, signal: AbortSignal): Promise<Look> {
    const { metadata, deployments, evaluate } = this.#options;
    if (!this.#settled.has(model)) {
      await deployments.settle(model);
      this.#settled.add(model);
    }
    const versions = await metadata.listVersions(model);
    const candidate =
      versions.find(({ state }) => state === 'shadow' || state === 'canary') ??
      versions.find(({ state }) => state === 'blessed');
    if (candidate) return this.#rollOut(candidate);
    const pending = versions.find(({ state }) => state === 'evaluating');
    if (pending === undefined) return 'idle';
    await evaluate(pending, signal);
    return { againInMs: 0 };
  }

  async #rollOut({ model, version }: VersionRecord): Promise<Look> {
    const task = await readTask(this.#options.metadata, model);
    const progress = await this.#options.rollOut.step(model, version, rolloutPolicyOf(task.rollout));
    this.#options.onProgress(model, version, progress);
    return { againInMs: progress.kind === 'waiting' ? progress.forMs : 0 };
  }
}
