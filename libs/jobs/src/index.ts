export { hasEnded } from './lib/job-record.ts';
export type { JobProgress, JobRecord, JobState } from './lib/job-record.ts';
export { JobCancelled, LeaseLost, Postponed, WorkerStopping } from './lib/jobs.ts';
export type {
  Job,
  JobHandler,
  JobKind,
  JobRequest,
  Jobs,
  JobWorker,
  OutboxRelay,
  Transaction,
  WorkOptions,
} from './lib/jobs.ts';
