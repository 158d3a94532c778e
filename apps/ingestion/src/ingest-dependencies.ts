import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { Metadata } from '@adstocrat/metadata';
import type { Logger } from '@adstocrat/service-kit/telemetry';

/** What every way to a span stands on. */
export interface IngestDependencies {
  readonly metadata: Metadata;
  readonly store: ArtifactStore;
  readonly artifactsUrl: string;
  /** Scratch on local disk: a folder of its own for each attempt, removed when it ends. */
  readonly workDir: string;
  readonly logger: Logger;
}
