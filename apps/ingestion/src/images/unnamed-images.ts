import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ExampleEngine } from '@adstocrat/example-engine';
import type { SpanRecord } from '@adstocrat/metadata';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { liveEngine } from '../live/write-shard.ts';
import { namedImages } from './named-images.ts';
import { type StoredImage, unnamed } from './stored-image.ts';

/** What a look at the images stands on. */
export type LookDependencies = Pick<
  IngestDependencies,
  'metadata' | 'store' | 'artifactsUrl' | 'workDir' | 'openEngine'
>;

/** How images are looked for that no span names. */
export interface LookAtImages {
  readonly spans: readonly SpanRecord[];
  /** Wall milliseconds. */
  readonly graceMs: number;
  readonly onSpan: (done: number) => void;
  readonly signal: AbortSignal;
}

/** A session of the engine in a folder of its own, which is removed in the end. */
export async function withEngine<T>(
  { workDir, openEngine }: LookDependencies,
  signal: AbortSignal,
  work: (engine: ExampleEngine, folder: string) => Promise<T>,
): Promise<T> {
  const folder = join(workDir, `images-${randomUUID()}`);
  mkdirSync(folder, { recursive: true });
  try {
    const engine = await openEngine({ workDir: folder, ...liveEngine, signal });
    try {
      return await work(engine, folder);
    } finally {
      await engine.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Gives work the images that none of the spans names, ascending by digest, but for those that were written within the grace. Throws
 * `UnreadableSpan`.
 */
export function withUnnamed<T>(
  dependencies: LookDependencies,
  of: LookAtImages,
  work: (images: AsyncIterable<StoredImage>) => Promise<T>,
): Promise<T> {
  const { spans, graceMs, onSpan, signal } = of;
  return withEngine(dependencies, signal, (engine, folder) =>
    work(
      unnamed(
        dependencies.metadata.images.list(Date.now() - graceMs),
        namedImages(dependencies, engine, spans, folder, onSpan),
      ),
    ),
  );
}
