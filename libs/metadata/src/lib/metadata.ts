import type { Transaction } from '@adstocrat/jobs';
import type { DeploymentRecord, ExecutionRecord, RunRecord, SpanRecord, TaskRecord, VersionRecord } from './records.ts';

// Each registry has one writing service, named in its comment; all others read. Records are JSON-able plain data; times are Unix
// milliseconds. What is written in a transaction counts when that is committed.

export interface Tasks {
  getTask(name: string): Promise<TaskRecord | undefined>;
  /** By name. */
  listTasks(): Promise<readonly TaskRecord[]>;
}

/** Writer: ingestion. */
export interface TaskRegistry extends Tasks {
  /** Inserts or replaces by name. */
  putTask(task: TaskRecord, transaction?: Transaction): Promise<void>;
}

export interface Spans {
  getSpan(task: string, span: number): Promise<SpanRecord | undefined>;
  findSpan(task: string, inputDigest: string): Promise<SpanRecord | undefined>;
  /** Ascending by number. */
  listSpans(task: string): Promise<readonly SpanRecord[]>;
}

/** Writer: ingestion. */
export interface SpanRegistry extends Spans {
  /** The next span number of a task, ≥ 1, given once per input digest: asking again gives the same. One asker at a time in a task. */
  reserveSpan(task: string, inputDigest: string, transaction?: Transaction): Promise<number>;
  /** Inserts or replaces by (task, number). */
  putSpan(span: SpanRecord, transaction?: Transaction): Promise<void>;
}

export interface Runs {
  getRun(id: string): Promise<RunRecord | undefined>;
  /** Ascending by start. */
  listRuns(task: string): Promise<readonly RunRecord[]>;
}

/** Writer: training. */
export interface RunRegistry extends Runs {
  /** The model version of a run, ≥ 1, increasing by model, given once per run id. */
  reserveVersion(model: string, runId: string, transaction?: Transaction): Promise<number>;
  /** Inserts or replaces by id. */
  putRun(run: RunRecord, transaction?: Transaction): Promise<void>;
}

export interface Versions {
  getVersion(model: string, version: number): Promise<VersionRecord | undefined>;
  /** Ascending by version. */
  listVersions(model: string): Promise<readonly VersionRecord[]>;
}

/** What may change of a version. */
export type VersionChange = Partial<Omit<VersionRecord, 'model' | 'version'>>;

/** Writer: evaluation. */
export interface VersionRegistry extends Versions {
  /** Records a version where it is not there yet. Returns the record that stands. */
  addVersion(version: VersionRecord, transaction?: Transaction): Promise<VersionRecord>;
  /**
   * Changes a version that is in the state `expected` (compare and set). Returns it changed. Throws {@link VersionConflict} where it
   * is in another state, or not there: look again and decide again.
   */
  updateVersion(
    model: string,
    version: number,
    expected: VersionRecord['state'],
    change: VersionChange,
    transaction?: Transaction,
  ): Promise<VersionRecord>;
  /** Inserts or replaces by (model, version). */
  putVersion(version: VersionRecord): Promise<void>;
}

export interface Deployments {
  /** The newest of one model. */
  currentDeployment(model: string): Promise<DeploymentRecord | undefined>;
  /** The newest of every model. */
  currentDeployments(): Promise<readonly DeploymentRecord[]>;
  /** Oldest first. */
  deploymentHistory(model: string): Promise<readonly DeploymentRecord[]>;
}

/** Writer: evaluation. */
export interface DeploymentRegistry extends Deployments {
  /**
   * Appends a deployment if `revision` is the newest plus one, else throws {@link DeploymentConflict}: look again and decide again.
   * The history is never lost.
   */
  appendDeployment(deployment: DeploymentRecord, transaction?: Transaction): Promise<void>;
}

/** Registry and lineage: who may write which records, in one place to open and close. */
export interface Metadata extends TaskRegistry, SpanRegistry, RunRegistry, VersionRegistry, DeploymentRegistry {
  /** Brings the tables to this code's version. Safe from several processes at once. */
  migrate(): Promise<void>;
  /** Throws where the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
  putExecution(execution: ExecutionRecord): Promise<void>;
}

/** Another deployment came first. */
export class DeploymentConflict extends Error {
  override readonly name = 'DeploymentConflict';
}

/** The version is in another state than was thought. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';
}
