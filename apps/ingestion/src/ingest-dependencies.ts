import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { ExampleEngine } from '@adstocrat/example-engine';
import type { Metadata } from '@adstocrat/metadata';
import type { HeldFiles } from './data/held-files.ts';
import type { HoldsImages } from './images/image-marks.ts';
import type { PersonalKeys } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';

/** What every way to a span stands on. */
export interface IngestDependencies {
  readonly metadata: Metadata;
  readonly store: ArtifactStore;
  readonly artifactsUrl: string;
  /** Images that are to go, unless somebody takes them. */
  readonly imageMarks: HoldsImages;
  /** Scratch on local disk: a folder of its own for each attempt, removed when it ends. */
  readonly workDir: string;
  /** Files that were downloaded to be looked at. */
  readonly held: HeldFiles;
  /** Of personal columns. */
  readonly personalKeys: PersonalKeys;
  /** Bytes of the files that are one shard of a span, about. */
  readonly shardBytes: number;
  readonly logger: Logger;
  /** A store for URIs of the given one's scheme. Throws `TypeError` for a scheme that none has. */
  readonly openStore: (uri: string) => Promise<ArtifactStore>;
  /** A session of the engine: what does not fit in `memoryLimit` lies in `workDir`; the signal cuts what it is at. */
  readonly openEngine: (options: {
    readonly workDir: string;
    readonly threads?: number;
    readonly memoryLimit?: string;
    readonly signal?: AbortSignal;
  }) => Promise<ExampleEngine>;
}
