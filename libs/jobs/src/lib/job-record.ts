/**
 * Where a job stands. `waiting`: for a worker, or for its next try. `running`: a worker holds its lease. The others are ends; a
 * failed or cancelled job is tried anew when it is asked for again.
 */
export type JobState = 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** What a job is at, for people who watch it. */
export interface JobProgress {
  readonly step: string;
  /** In `unit`; 0 of 0 where it is not known. */
  readonly done: number;
  readonly total: number;
  readonly unit?: string;
  /** Rows so far, where `done` counts something else. */
  readonly rows?: number;
  /** Figures that are kept until they are said anew. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** A job as the tables have it. Times are Unix milliseconds by the database's clock. */
export interface JobRecord {
  readonly kind: string;
  readonly key: string;
  readonly payload: unknown;
  readonly state: JobState;
  /** Number of the newest attempt, unique over all jobs and increasing; 0 before the first. */
  readonly attempt: number;
  /** Attempts since it was asked for. */
  readonly tries: number;
  /** Of the newest attempt. */
  readonly progress?: JobProgress;
  /** Why the last try ended without success, or why it was cancelled. */
  readonly reason?: string;
  /** What `finish` was given to keep. */
  readonly result?: unknown;
  readonly requestedAtMs: number;
  /** When it is tried next, where it waits. */
  readonly nextTryMs?: number;
  readonly endedAtMs?: number;
}

/** Whether nothing more happens to a job unless it is asked for again. */
export function hasEnded({ state }: Pick<JobRecord, 'state'>): boolean {
  return state !== 'waiting' && state !== 'running';
}
