import type { JobProgress, JobRecord } from '@adstocrat/jobs';
import type { RunRecord } from '@adstocrat/metadata';
import { trainJob } from './train-job.ts';

/** A run as people see it, live or ended. */
export interface RunView {
  readonly id: string;
  readonly task: string;
  readonly spans: readonly number[];
  readonly state: 'running' | RunRecord['state'];
  readonly progress: JobProgress;
  readonly tries: number;
  readonly version?: number;
  readonly reason?: string;
  readonly guesses?: RunRecord['guesses'];
}

/** A run that has not ended: its state is its job's. */
export function viewOfJob({ key, payload, progress, tries, reason }: JobRecord): RunView {
  const { task, spans } = trainJob.parse(payload);
  return {
    id: key,
    task,
    spans,
    state: 'running',
    progress: progress ?? { step: 'wait', done: 0, total: 0 },
    tries,
    ...(reason !== undefined && { reason }),
  };
}

export function viewOfRecord({ id, task, spans, state, made, reason, metrics, guesses }: RunRecord): RunView {
  return {
    id,
    task,
    spans,
    state,
    progress: { step: state, done: 0, total: 0, metrics },
    tries: 0,
    ...(guesses !== undefined && { guesses }),
    ...(made !== undefined && { version: made.version }),
    ...(reason !== undefined && { reason }),
  };
}
