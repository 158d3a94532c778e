import type { JobProgress, JobRecord, JobState } from '@adstocrat/jobs';

/** A row of `jobs.jobs` as {@link jobColumns} names it. */
export interface JobRow {
  readonly kind: string;
  readonly key: string;
  readonly payload: unknown;
  readonly state: JobState;
  readonly attempt: number;
  readonly tries: number;
  readonly failures: number;
  readonly losses: number;
  readonly progress: JobProgress | null;
  readonly reason: string | null;
  readonly result: unknown;
  readonly trace: Readonly<Record<string, string>>;
  readonly requested_at: Date;
  readonly run_at: Date;
  readonly ended_at: Date | null;
}

export const jobColumns =
  'kind, key, payload, state, attempt, tries, failures, losses, progress, reason, result, trace, requested_at, run_at, ended_at';

/** The row as the port has it. */
export function recordOf(row: JobRow): JobRecord {
  return {
    kind: row.kind,
    key: row.key,
    payload: row.payload,
    state: row.state,
    attempt: row.attempt,
    tries: row.tries,
    ...(row.progress !== null && { progress: row.progress }),
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.result !== null && { result: row.result }),
    requestedAtMs: row.requested_at.getTime(),
    ...(row.state === 'waiting' && { nextTryMs: row.run_at.getTime() }),
    ...(row.ended_at !== null && { endedAtMs: row.ended_at.getTime() }),
  };
}
