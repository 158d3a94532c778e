import type { DeploymentRecord, ExecutionRecord } from '@adstocrat/metadata';
import type { OutgoingEvent } from '@adstocrat/event-bus';
import type { RolloutDeployment } from '@adstocrat/rollouts';
import type { events } from '@adstocrat/schemas';

export interface Deployment extends RolloutDeployment {
  readonly revision: number;
  /** Unix milliseconds, wall clock. */
  readonly changedAtMs: number;
}

/** A recorded deployment as a rollout sees it. Throws on a record without a stable version. */
export function deploymentOf(record: DeploymentRecord): Deployment {
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

/** The whole wanted state, under an id that comes from the revision: sent twice it is one event. */
export function eventOf(record: DeploymentRecord): OutgoingEvent<events.DeploymentChanged> {
  return {
    id: `deployment.changed/${record.model}/${record.revision}`,
    key: record.model,
    source: 'evaluation',
    timeMs: record.changedAtMs,
    event: { ...record, versions: [...record.versions], labels: { ...record.labels }, split: [...record.split] },
  };
}

/** The lineage of a deployment. */
export function executionOf(record: DeploymentRecord): ExecutionRecord {
  const { model, revision, labels, split, reason, versions, changedAtMs } = record;
  return {
    id: `deploy/${model}/${revision}`,
    kind: 'deploy',
    inputs: versions.map((version) => version.uri),
    outputs: [],
    facts: { revision, labels, split, reason },
    startedAtMs: changedAtMs,
    endedAtMs: changedAtMs,
  };
}
