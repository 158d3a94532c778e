export { loneAucFigure, loneAucsOf } from './lib/lone-aucs.ts';
export { readTask } from './lib/read-task.ts';
export { PackGone } from './lib/images.ts';
export type { ImagePlace, ImageRegistry, Images, PackedImage, PackUse } from './lib/images.ts';
export { DeploymentConflict, VersionConflict } from './lib/metadata.ts';
export type {
  DeploymentRegistry,
  Deployments,
  Lineage,
  Metadata,
  RunRegistry,
  Runs,
  SpanRegistry,
  Spans,
  Studies,
  StudyRegistry,
  TaskRegistry,
  Tasks,
  VersionChange,
  VersionRegistry,
  Versions,
} from './lib/metadata.ts';
export type {
  DeploymentRecord,
  ExecutionRecord,
  RunRecord,
  SpanRecord,
  StudyRecord,
  TaskRecord,
  TuningTrialRecord,
  VersionRecord,
} from './lib/records.ts';
export { removalOf } from './lib/removal-of.ts';
export { upstreamOf } from './lib/upstream-of.ts';
