import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fetchByManifest, type ManifestFiles, readRoot } from '@adstocrat/artifact-folders';
import type { ExampleEngine } from '@adstocrat/example-engine';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { liveEngine } from '../live/write-shard.ts';

/** A folder of rows on local disk, and an engine to look at it. */
export interface FetchedFolder<T> {
  readonly root: T;
  /** Local paths by the names in the folder. */
  readonly paths: ReadonlyMap<string, string>;
  readonly engine: ExampleEngine;
  readonly workDir: string;
}

/** Fetches a folder by its root, each file checked, for as long as `work` takes. */
export async function withFolder<T extends { readonly files: ManifestFiles; readonly digest: string }, R>(
  { store, openEngine, workDir: scratch }: Pick<IngestDependencies, 'store' | 'openEngine' | 'workDir'>,
  { uri, digest, root: rootName }: { readonly uri: string; readonly digest: string; readonly root: string },
  signal: AbortSignal,
  work: (folder: FetchedFolder<T>) => Promise<R>,
): Promise<R> {
  const workDir = join(scratch, 'forget');
  rmSync(workDir, { recursive: true, force: true });
  mkdirSync(workDir, { recursive: true });
  const engine = await openEngine({ workDir, ...liveEngine, signal });
  try {
    const root = await readRoot<T>(store, uri, rootName, digest);
    const names = Object.keys(root.files);
    const local = await fetchByManifest(store, uri, root.files, join(workDir, 'old'));
    const paths = new Map(names.map((name, index) => [name, local[index] ?? '']));
    return await work({ root, paths, engine, workDir });
  } finally {
    await engine.close();
    rmSync(workDir, { recursive: true, force: true });
  }
}
