export { PostgresJobs } from './lib/postgres-jobs.ts';
export { clientOf } from './lib/postgres-transaction.ts';
export type { JobsLog, JobsSettings } from './lib/settings.ts';
