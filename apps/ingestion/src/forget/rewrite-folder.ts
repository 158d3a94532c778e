import { join } from 'node:path';
import { fetchByManifest, type ManifestFiles, readRoot } from '@adstocrat/artifact-folders';
import type { ExampleEngine } from '@adstocrat/example-engine';
import { type LookDependencies, withEngine } from '../images/unnamed-images.ts';

/** A folder of rows on local disk, and an engine to look at it. */
export interface FetchedFolder<T> {
  readonly root: T;
  /** Local paths by the names in the folder. */
  readonly paths: ReadonlyMap<string, string>;
  readonly engine: ExampleEngine;
  readonly workDir: string;
}

/** Fetches a folder by its root, each file checked, for as long as `work` takes. Two at once have local files of their own. */
export function withFolder<T extends { readonly files: ManifestFiles; readonly digest: string }, R>(
  dependencies: LookDependencies,
  { uri, digest, root: rootName }: { readonly uri: string; readonly digest: string; readonly root: string },
  signal: AbortSignal,
  work: (folder: FetchedFolder<T>) => Promise<R>,
): Promise<R> {
  const { store } = dependencies;
  return withEngine(dependencies, signal, async (engine, workDir) => {
    const root = await readRoot<T>(store, uri, rootName, digest);
    const names = Object.keys(root.files);
    const local = await fetchByManifest(store, uri, root.files, join(workDir, 'old'));
    const paths = new Map(names.map((name, index) => [name, local[index] ?? '']));
    return work({ root, paths, engine, workDir });
  });
}
