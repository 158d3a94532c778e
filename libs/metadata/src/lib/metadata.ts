import type { Transaction } from '@adstocrat/jobs';
import type { ImageRegistry } from './images.ts';
import type {
  DeploymentRecord,
  ExecutionRecord,
  RunRecord,
  SpanRecord,
  StudyRecord,
  TaskRecord,
  TuningTrialRecord,
  VersionRecord,
} from './records.ts';

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
  /** Forgets a span that still lies at this URI. False where it does not, or was forgotten. Its number is given to no other data. */
  removeSpan(span: Pick<SpanRecord, 'task' | 'span' | 'uri'>, transaction?: Transaction): Promise<boolean>;
}

export interface Runs {
  getRun(id: string): Promise<RunRecord | undefined>;
  /** In the order in which they ended. */
  listRuns(task: string): Promise<readonly RunRecord[]>;
}

/** Writer: training. */
export interface RunRegistry extends Runs {
  /** The model version of a run, ≥ 1, increasing by model, given once per run id. */
  reserveVersion(model: string, runId: string, transaction?: Transaction): Promise<number>;
  /** Inserts or replaces by id. */
  putRun(run: RunRecord, transaction?: Transaction): Promise<void>;
}

export interface Studies {
  getStudy(id: string): Promise<StudyRecord | undefined>;
  /** In the order in which they were last asked for. */
  listStudies(task: string): Promise<readonly StudyRecord[]>;
  /** Ascending by number. */
  listTuningTrials(study: string, transaction?: Transaction): Promise<readonly TuningTrialRecord[]>;
}

/** Writer: training. */
export interface StudyRegistry extends Studies {
  /** Has one transaction of a study go on at a time: what one trial decides, the next one sees. */
  lockStudy(id: string, transaction: Transaction): Promise<void>;
  /** Inserts or replaces by id. */
  putStudy(study: StudyRecord, transaction?: Transaction): Promise<void>;
  /** Inserts or replaces by (study, number). */
  putTuningTrial(trial: TuningTrialRecord, transaction?: Transaction): Promise<void>;
  /** Forgets a study with its trials. */
  removeStudy(id: string, transaction?: Transaction): Promise<void>;
}

export interface Versions {
  getVersion(model: string, version: number, transaction?: Transaction): Promise<VersionRecord | undefined>;
  /** The newest `limit` versions (default: all), ascending. */
  listVersions(model: string, limit?: number): Promise<readonly VersionRecord[]>;
  /** The first `limit` versions of a model in one of these states, ascending. */
  versionsIn(
    model: string,
    states: readonly VersionRecord['state'][],
    limit: number,
    transaction?: Transaction,
  ): Promise<readonly VersionRecord[]>;
}

/** What may change of a version. */
export type VersionChange = Partial<Omit<VersionRecord, 'model' | 'version'>>;

/** Writer: evaluation. */
export interface VersionRegistry extends Versions {
  /**
   * Has one transaction of a model go on at a time, to its end. The first word of every transaction that writes versions or deployments
   * of a model: their states and the deployment in force then never disagree. Who begins work that needs a version's files looks at the
   * version under it: they are not removed meanwhile.
   */
  lockModel(model: string, transaction: Transaction): Promise<void>;
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
}

export interface Deployments {
  /** The newest of one model. */
  currentDeployment(model: string, transaction?: Transaction): Promise<DeploymentRecord | undefined>;
  /** The newest of every model. */
  currentDeployments(): Promise<readonly DeploymentRecord[]>;
  /** The newest version before this one that was ever stable. */
  stableBefore(model: string, version: number, transaction?: Transaction): Promise<number | undefined>;
}

/** Writer: evaluation. */
export interface DeploymentRegistry extends Deployments {
  /**
   * Appends a deployment if `revision` is the newest plus one, else throws {@link DeploymentConflict}: look again and decide again.
   * The history is never lost.
   */
  appendDeployment(deployment: DeploymentRecord, transaction?: Transaction): Promise<void>;
}

/** What was made of what. Writer: each service of its own steps. */
export interface Lineage {
  /** Inserts or replaces by id. */
  putExecution(execution: ExecutionRecord, transaction?: Transaction): Promise<void>;
  /** The newest step that has this artifact among its outputs. */
  makerOf(uri: string): Promise<ExecutionRecord | undefined>;
}

/** Registry and lineage: who may write which records, in one place to open and close. */
export interface Metadata
  extends TaskRegistry, SpanRegistry, RunRegistry, StudyRegistry, VersionRegistry, DeploymentRegistry, Lineage {
  readonly images: ImageRegistry;
  /** Brings the tables to this code's version. Safe from several processes at once. */
  migrate(): Promise<void>;
  /** Throws where the database does not answer. */
  ping(): Promise<void>;
  /** An id that this registry alone has. */
  installation(): Promise<string>;
  close(): Promise<void>;
}

/** Another deployment came first. */
export class DeploymentConflict extends Error {
  override readonly name = 'DeploymentConflict';
}

/** The version is in another state than was thought. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';
}
