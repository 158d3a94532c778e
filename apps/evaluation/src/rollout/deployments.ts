import type { Jobs, Transaction } from '@adstocrat/jobs';
import { DeploymentConflict, removalOf } from '@adstocrat/metadata';
import type { DeploymentRecord, Metadata, VersionRecord } from '@adstocrat/metadata';
import { onlyStable, type RolloutDeployment, stateUnder } from '@adstocrat/rollouts';
import { topics } from '@adstocrat/schemas';
import { takeTurn } from '../candidates/take-turn.ts';
import { deploymentOf, eventOf, executionOf } from './deployment-of.ts';

/** A version that was not blessed was about to be deployed. A bug, never an outcome: nothing was changed. */
export class UnblessedVersion extends Error {
  override readonly name = 'UnblessedVersion';
}

/** Most versions of a model that a deployment can move: its two, and the one or two of the deployment before. */
const mostMoved = 16;

/**
 * The one way a deployment changes: record, versions' states, lineage, the event and whose turn is next, in one transaction. Whoever
 * dies leaves all of it or nothing.
 */
export class Deployments {
  readonly #jobs: Jobs;
  readonly #metadata: Metadata;
  readonly #nowMs: () => number;

  constructor(options: { readonly jobs: Jobs; readonly metadata: Metadata; readonly nowMs: () => number }) {
    this.#jobs = options.jobs;
    this.#metadata = options.metadata;
    this.#nowMs = options.nowMs;
  }

  /**
   * Puts a deployment in force after the one of `revision` (0: none yet). Throws `DeploymentConflict` where another came
   * first: look again and decide again. Throws {@link UnblessedVersion} rather than deploy what the gate refused.
   */
  async change(model: string, revision: number, wanted: RolloutDeployment, reason: string): Promise<DeploymentRecord> {
    return this.#jobs.transaction(async (transaction) => {
      await this.#metadata.lockModel(model, transaction);
      const current = await this.#metadata.currentDeployment(model, transaction);
      if ((current?.revision ?? 0) !== revision)
        throw new DeploymentConflict(`revision ${revision} of "${model}" is no longer in force`);
      return this.#append(transaction, model, revision, wanted, reason);
    });
  }

  /**
   * Points `stable` at an earlier blessed version, at once, and gives up a rollout in progress. `version` 0: the newest
   * that was stable before the present one. Throws a `RangeError` that says why where there is none such.
   */
  async rollBack(model: string, version: number, reason: string): Promise<number> {
    return this.#jobs.transaction(async (transaction) => {
      await this.#metadata.lockModel(model, transaction);
      const current = await this.#metadata.currentDeployment(model, transaction);
      if (current === undefined) throw new RangeError(`model "${model}" has no deployment to roll back`);
      const { stable } = deploymentOf(current).labels;
      const target = version || (await this.#metadata.stableBefore(model, stable, transaction));
      if (target === undefined) throw new RangeError(`model "${model}" has no stable version before ${stable}`);
      const record = await this.#metadata.getVersion(model, target, transaction);
      if (!record?.blessed)
        throw new RangeError(
          `version ${target} of "${model}" ${record ? 'was not blessed' : 'does not exist'}: nothing was changed`,
        );
      const removal = removalOf(record);
      if (removal !== undefined)
        throw new RangeError(`version ${target} of "${model}" cannot be deployed, ${removal}: nothing was changed`);
      const why = reason || `rolled back to version ${target}`;
      await this.#append(transaction, model, current.revision, onlyStable(target), why);
      return target;
    });
  }

  /** Ends a rollout that cannot go on: back to the stable version alone. In the transaction that records its failure. */
  async giveUp(transaction: Transaction, model: string, version: number, reason: string): Promise<void> {
    const metadata = this.#metadata;
    await metadata.lockModel(model, transaction);
    const current = await metadata.currentDeployment(model, transaction);
    const labels = current && deploymentOf(current).labels;
    if (current && labels?.canary === version) {
      await this.#append(transaction, model, current.revision, onlyStable(labels.stable), reason);
      return;
    }
    const record = await metadata.getVersion(model, version, transaction);
    if (record?.state !== 'blessed') return;
    const reasons = [...record.reasons, reason];
    const change = { state: 'rolled_back', reasons, updatedAtMs: this.#nowMs() } as const;
    await metadata.updateVersion(model, version, 'blessed', change, transaction);
    await this.#takeTurn(transaction, model);
  }

  async #append(
    transaction: Transaction,
    model: string,
    revision: number,
    wanted: RolloutDeployment,
    reason: string,
  ): Promise<DeploymentRecord> {
    const { stable, canary } = wanted.labels;
    const named: VersionRecord[] = [];
    for (const version of wanted.versions) named.push(await this.#blessed(transaction, model, version));
    const record: DeploymentRecord = {
      model,
      revision: revision + 1,
      versions: named.map(({ version, uri, digest }) => ({ version, uri, digest })),
      labels: { stable, ...(canary !== undefined && { canary }) },
      split: wanted.split,
      reason,
      changedAtMs: this.#nowMs(),
    };
    await this.#metadata.appendDeployment(record, transaction);
    await this.#moveVersions(transaction, record, named);
    await this.#metadata.putExecution(executionOf(record), transaction);
    await transaction.publish(topics.deploymentChanged, [eventOf(record)]);
    await this.#takeTurn(transaction, model);
    return record;
  }

  /** Gives each version that the deployment concerns the state it has under it. */
  async #moveVersions(
    transaction: Transaction,
    deployment: DeploymentRecord,
    named: readonly VersionRecord[],
  ): Promise<void> {
    const { model, reason } = deployment;
    const before = await this.#metadata.versionsIn(model, ['shadow', 'canary', 'deployed'], mostMoved, transaction);
    const concerned = new Map([...before, ...named].map((version) => [version.version, version]));
    for (const version of concerned.values()) {
      const state = stateUnder(deploymentOf(deployment), version.version, version.state);
      if (state === version.state) continue;
      const reasons = state === 'rolled_back' ? [...version.reasons, reason] : version.reasons;
      const change = { state, reasons, updatedAtMs: this.#nowMs() };
      await this.#metadata.updateVersion(model, version.version, version.state, change, transaction);
    }
  }

  async #blessed(transaction: Transaction, model: string, version: number): Promise<VersionRecord> {
    const record = await this.#metadata.getVersion(model, version, transaction);
    if (!record?.blessed)
      throw new UnblessedVersion(`version ${version} of "${model}" is not blessed and cannot be deployed`);
    const removal = removalOf(record);
    if (removal !== undefined) throw new Error(`version ${version} of "${model}" cannot be deployed: ${removal}`);
    return record;
  }

  #takeTurn(transaction: Transaction, model: string): Promise<void> {
    return takeTurn({ jobs: this.#jobs, metadata: this.#metadata, nowMs: this.#nowMs }, transaction, model);
  }
}
