import type { VersionState } from '@adstocrat/rollouts';

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
  /** What was left out, what was guessed: a sentence each. */
  readonly notes: readonly string[];
  /** Keys that its task leaves out, as the data told them: a task that has this span has these. Absent: none. */
  readonly told?: Readonly<Record<string, string>>;
  /** What the task left open and the data told, each with the key of task.yaml that changes it. Absent: of a span of before this was kept. */
  readonly guesses?: readonly { readonly what: string; readonly value: string; readonly key: string }[];
  /** Why rows were set aside, the most frequent reason first; at most ten. */
  readonly setAside?: readonly { readonly reason: string; readonly rows: number }[];
  readonly ready: boolean;
  readonly createdAtMs: number;
}

/** How a run ended. While it waits or runs its job has its state. */
export interface RunRecord {
  readonly id: string;
  readonly task: string;
  readonly spans: readonly number[];
  readonly retrainId?: string;
  readonly state: 'succeeded' | 'failed' | 'cancelled';
  /** What a run that succeeded made. */
  readonly made?: { readonly version: number; readonly uri: string; readonly digest: string };
  /** Why it failed or was cancelled. */
  readonly reason?: string;
  readonly metrics: Readonly<Record<string, number>>;
  /** Columns that were looked into where the task says nothing of them, with what was chosen and the key of task.yaml that changes it. Absent: none. */
  readonly guesses?: readonly { readonly what: string; readonly value: string; readonly key: string }[];
  readonly endedAtMs: number;
}

/** A search for settings beyond what a run tries: which rows, and how it goes about it. */
export interface StudyRecord {
  readonly id: string;
  readonly task: string;
  readonly spans: readonly number[];
  /** Of the spans as they were: trials of one study have the same rows. */
  readonly digests: readonly string[];
  /** The task that its trials train by, YAML. */
  readonly taskYaml: string;
  readonly sampler: string;
  /** That a trial trains for at most. */
  readonly epochs: number;
  readonly seed: number;
  /** Trials that are asked for. */
  readonly trials: number;
  /** When it was first asked for: tells it from a study of the same inputs that was forgotten. */
  readonly madeAtMs: number;
  /** When it was last asked for. */
  readonly askedAtMs: number;
}

/** What one trial of a study showed. Its job has its progress. */
export interface TuningTrialRecord {
  readonly study: string;
  /** From 1. */
  readonly trial: number;
  /** Number of the job's attempt that wrote this: what an earlier one says after it does not count. */
  readonly attempt: number;
  /** `stopped`: at one of its rungs too many others had a lower loss. */
  readonly state: 'running' | 'finished' | 'stopped' | 'failed';
  /** Whose setting it is: one that a run tries by itself, or one that was drawn. */
  readonly from: 'portfolio' | 'sampler';
  /** Parameters by name, those that its others make meaningless left out. */
  readonly point: Readonly<Record<string, number | string>>;
  /** After so many epochs; log-loss and AUC on the rows that choose. Ascending. */
  readonly rungs: readonly { readonly epochs: number; readonly loss: number; readonly auc: number }[];
  /** Log-losses on stretches of rows that chose nothing, alike in all trials; once it has ended. */
  readonly shown?: { readonly loss: number; readonly auc: number; readonly stretches: readonly number[] };
  /** Multiply-adds of a row. */
  readonly cost?: number;
  readonly seconds?: number;
  /** Why it failed. */
  readonly reason?: string;
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
  /** Where that evaluation.json lies. */
  readonly evaluationUri?: string;
  readonly blessed: boolean;
  readonly reasons: readonly string[];
  /** When its state was changed last. */
  readonly updatedAtMs: number;
  /** When its servable and its evaluation's files were given up: nothing loads it any more. Absent: they are there. */
  readonly removedAtMs?: number;
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

/** A step that was done: what it made of what. */
export interface ExecutionRecord {
  readonly id: string;
  readonly kind: 'ingest' | 'train' | 'evaluate' | 'deploy';
  /** URIs of files and artifacts. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}
