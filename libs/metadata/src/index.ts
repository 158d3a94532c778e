export { readTask } from './lib/read-task.ts';
export { DeploymentConflict } from './lib/metadata.ts';
export type {
  DeploymentRecord,
  ExecutionRecord,
  Metadata,
  RunRecord,
  SpanRecord,
  TaskRecord,
  VersionRecord,
} from './lib/metadata.ts';
