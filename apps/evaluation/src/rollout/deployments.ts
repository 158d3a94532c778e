import type { EventBus } from '@adstocrat/event-bus';
import { DeploymentConflict } from '@adstocrat/metadata';
import type { DeploymentRecord, Metadata, VersionRecord } from '@adstocrat/metadata';
import { topics } from '@adstocrat/schemas';
import { onlyStable, stateUnder } from '@adstocrat/rollouts';
import type { RolloutDeployment, VersionState } from '@adstocrat/rollouts';

export interface Deployment extends RolloutDeployment {
  readonly revision: number;
  readonly changedAtMs: number;
}

/** A version that was not blessed was about to be deployed. A bug, never an outcome: nothing was changed. */
export class UnblessedVersion extends Error {
  override readonly name = 'UnblessedVersion';
}

/** The one way a deployment changes: recorded, then the versions' states, then said on the bus. */
export class Deployments {
  readonly #metadata: Metadata;
  readonly #bus: EventBus;
  readonly #nowMs: () => number;

  constructor(metadata: Metadata, bus: EventBus, nowMs: () => number) {
    this.#metadata = metadata;
    this.#bus = bus;
    this.#nowMs = nowMs;
  }

  async current(model: string): Promise<Deployment | undefined> {
    const record = await this.#metadata.currentDeployment(model);
    return record && deploymentOf(record);
  }

  /** The deployment in force, and the state it gives a version, whatever is recorded so far. */
  async standing(
    model: string,
    version: number,
  ): Promise<{ readonly deployment?: Deployment; readonly state: VersionState }> {
    const deployment = await this.current(model);
    const record = await this.#metadata.getVersion(model, version);
    if (record === undefined) throw new RangeError(`version ${version} of "${model}" does not exist`);
    return deployment ? { deployment, state: stateUnder(deployment, version, record.state) } : { state: record.state };
  }

  /**
   * Puts a deployment in force after the one of `revision` (0: none yet). Throws `DeploymentConflict` where another came
   * first: look again and decide again. Throws {@link UnblessedVersion} rather than deploy what the gate refused.
   */
  async change(model: string, revision: number, wanted: RolloutDeployment, reason: string): Promise<DeploymentRecord> {
    const { stable, canary } = wanted.labels;
    const record: DeploymentRecord = {
      model,
      revision: revision + 1,
      versions: await Promise.all(wanted.versions.map((version) => this.#blessed(model, version))),
      labels: { stable, ...(canary !== undefined && { canary }) },
      split: wanted.split,
      reason,
      changedAtMs: this.#nowMs(),
    };
    await this.#metadata.appendDeployment(record);
    const at = record.changedAtMs;
    await this.#metadata.putExecution({
      id: `deploy/${model}/${record.revision}`,
      kind: 'deploy',
      inputDigest: record.versions.map((version) => version.digest).join(','),
      inputs: record.versions.map((version) => version.uri),
      outputs: [],
      state: 'succeeded',
      facts: { revision: record.revision, labels: record.labels, split: record.split, reason },
      startedAtMs: at,
      endedAtMs: at,
    });
    await this.settle(model);
    return record;
  }

  /**
   * Brings states and bus in line with the deployment in force. After a change, and at every start: whoever was killed
   * between the record and the event left both to be done. The event's id comes from the revision, so it is one event.
   */
  async settle(model: string): Promise<void> {
    const record = await this.#metadata.currentDeployment(model);
    if (record === undefined) return;
    const deployment = deploymentOf(record);
    for (const version of await this.#metadata.listVersions(model)) {
      const state = stateUnder(deployment, version.version, version.state);
      if (state === version.state) continue;
      const reasons = state === 'rolled_back' ? [...version.reasons, record.reason] : version.reasons;
      await this.#metadata.putVersion({ ...version, state, reasons, updatedAtMs: this.#nowMs() });
    }
    await this.#bus.publish(topics.deploymentChanged, [
      {
        id: `deployment.changed/${model}/${record.revision}`,
        key: model,
        source: 'evaluation',
        timeMs: record.changedAtMs,
        event: { ...record, versions: [...record.versions], labels: { ...record.labels }, split: [...record.split] },
      },
    ]);
  }

  /**
   * Points `stable` at an earlier blessed version, at once, and gives up a rollout in progress. `version` 0: the newest
   * that was stable before the present one. Throws a `RangeError` that says why where there is none such.
   */
  async rollBack(model: string, version: number, reason: string): Promise<number> {
    for (;;) {
      const history = await this.#metadata.deploymentHistory(model);
      const current = history.at(-1);
      if (current === undefined) throw new RangeError(`model "${model}" has no deployment to roll back`);
      const target = version || stableBefore(history, deploymentOf(current).labels.stable);
      if (target === undefined)
        throw new RangeError(`model "${model}" has no stable version before ${deploymentOf(current).labels.stable}`);
      const record = await this.#metadata.getVersion(model, target);
      if (!record?.blessed)
        throw new RangeError(
          `version ${target} of "${model}" ${record ? 'was not blessed' : 'does not exist'}: nothing was changed`,
        );
      try {
        await this.change(model, current.revision, onlyStable(target), reason || `rolled back to version ${target}`);
        return target;
      } catch (error) {
        if (!(error instanceof DeploymentConflict)) throw error;
      }
    }
  }

  async #blessed(model: string, version: number): Promise<DeploymentRecord['versions'][number]> {
    const record: VersionRecord | undefined = await this.#metadata.getVersion(model, version);
    if (!record?.blessed)
      throw new UnblessedVersion(`version ${version} of "${model}" is not blessed and cannot be deployed`);
    return { version, uri: record.uri, digest: record.digest };
  }
}

function deploymentOf(record: DeploymentRecord): Deployment {
  const stable = record.labels['stable'];
  const canary = record.labels['canary'];
  if (stable === undefined) throw new Error(`deployment ${record.revision} of "${record.model}" has no stable version`);
  return {
    revision: record.revision,
    versions: record.versions.map((version) => version.version),
    labels: { stable, ...(canary !== undefined && { canary }) },
    split: record.split,
    changedAtMs: record.changedAtMs,
  };
}

function stableBefore(history: readonly DeploymentRecord[], stable: number): number | undefined {
  const earlier = history.map((record) => deploymentOf(record).labels.stable).filter((version) => version < stable);
  return earlier.length > 0 ? Math.max(...earlier) : undefined;
}
