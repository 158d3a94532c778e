import type { VersionState } from '@adstocrat/rollouts';

/**
 * Registry and lineage. Each group of records has one writing service, named in its comment; all others read.
 * Everything is JSON-able plain data; times are Unix milliseconds, wall clock. `put…` is idempotent by its key.
 */
export interface Metadata {
  /** Brings the tables to this code's version. Safe from several processes at once. */
  migrate(): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;

  /** Writer: ingestion. */
  putTask(task: TaskRecord): Promise<void>;
  getTask(name: string): Promise<TaskRecord | undefined>;
  listTasks(): Promise<readonly TaskRecord[]>;

  /** Writer: ingestion. The next span number of a task, ≥ 1, given once per input digest: asking again gives the same. */
  reserveSpan(task: string, inputDigest: string): Promise<number>;
  putSpan(span: SpanRecord): Promise<void>;
  getSpan(task: string, span: number): Promise<SpanRecord | undefined>;
  findSpan(task: string, inputDigest: string): Promise<SpanRecord | undefined>;
  /** Ascending by number. */
  listSpans(task: string): Promise<readonly SpanRecord[]>;

  /** Writer: training. Inserts or replaces by id. */
  putRun(run: RunRecord): Promise<void>;
  getRun(id: string): Promise<RunRecord | undefined>;
  /** Ascending by start. */
  listRuns(task: string): Promise<readonly RunRecord[]>;
  /** Writer: training. The model version of a run, ≥ 1, increasing by model, given once per run id. */
  reserveVersion(model: string, runId: string): Promise<number>;

  /** Writer: evaluation. Inserts or replaces by (model, version). */
  putVersion(version: VersionRecord): Promise<void>;
  getVersion(model: string, version: number): Promise<VersionRecord | undefined>;
  /** Ascending by version. */
  listVersions(model: string): Promise<readonly VersionRecord[]>;

  /**
   * Writer: evaluation. Appends a deployment if `revision` is the newest plus one, else throws {@link DeploymentConflict}.
   * The history is never lost.
   */
  appendDeployment(deployment: DeploymentRecord): Promise<void>;
  /** The newest of one model. */
  currentDeployment(model: string): Promise<DeploymentRecord | undefined>;
  /** The newest of every model. */
  currentDeployments(): Promise<readonly DeploymentRecord[]>;
  /** Oldest first. */
  deploymentHistory(model: string): Promise<readonly DeploymentRecord[]>;

  /** Lineage: any service about its own steps. Inserts or replaces by id. */
  putExecution(execution: ExecutionRecord): Promise<void>;
  /** The newest successful execution of this kind with exactly this input digest. */
  findExecution(kind: string, inputDigest: string): Promise<ExecutionRecord | undefined>;
  /** Executions that have this artifact URI among inputs or outputs, oldest first. */
  lineageOf(uri: string): Promise<readonly ExecutionRecord[]>;
}

export interface TaskRecord {
  readonly name: string;
  /** The task as written, and as resolved (every inferred field filled in), both YAML. */
  readonly yaml: string;
  readonly resolvedYaml: string;
  readonly dataUri: string;
  readonly updatedAtMs: number;
}

export interface SpanRecord {
  readonly task: string;
  readonly span: number;
  readonly kind: 'batch' | 'live';
  readonly uri: string;
  readonly digest: string;
  readonly inputDigest: string;
  readonly trainRows: number;
  readonly validationRows: number;
  readonly testRows: number;
  readonly rejectedRows: number;
  readonly images: number;
  readonly rejectedImages: number;
  readonly anomalies: readonly string[];
  readonly ready: boolean;
  readonly createdAtMs: number;
}

export interface RunRecord {
  readonly id: string;
  readonly task: string;
  readonly spans: readonly number[];
  readonly retrainId?: string;
  readonly state: 'running' | 'succeeded' | 'failed';
  readonly step: string;
  readonly done: number;
  readonly total: number;
  readonly version?: number;
  readonly uri?: string;
  readonly error?: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly startedAtMs: number;
  readonly updatedAtMs: number;
}

export interface VersionRecord {
  readonly model: string;
  readonly version: number;
  readonly uri: string;
  readonly digest: string;
  readonly runId: string;
  readonly spans: readonly number[];
  readonly state: VersionState;
  /** evaluation.json's content once evaluated. */
  readonly evaluation?: Readonly<Record<string, unknown>>;
  readonly blessed: boolean;
  readonly reasons: readonly string[];
  readonly updatedAtMs: number;
}

export interface DeploymentRecord {
  readonly model: string;
  readonly revision: number;
  readonly versions: readonly { readonly version: number; readonly uri: string; readonly digest: string }[];
  readonly labels: Readonly<Record<string, number>>;
  readonly split: readonly { readonly version: number; readonly basisPoints: number }[];
  readonly reason: string;
  readonly changedAtMs: number;
}

export interface ExecutionRecord {
  readonly id: string;
  /** ingest, train, evaluate, deploy, … */
  readonly kind: string;
  readonly inputDigest: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly state: 'running' | 'succeeded' | 'failed';
  readonly facts: Readonly<Record<string, unknown>>;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
}

/** Another deployment came first. */
export class DeploymentConflict extends Error {
  override readonly name = 'DeploymentConflict';
}
