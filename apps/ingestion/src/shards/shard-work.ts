import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactFolder } from '@adstocrat/artifact-folders';
import { joinUri } from '@adstocrat/artifact-store';
import { PermanentFailure } from '@adstocrat/event-bus';
import { BadData } from '@adstocrat/example-engine';
import type { Job, JobKind } from '@adstocrat/jobs';
import { diskFull, InvalidRequest } from '@adstocrat/service-kit';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { type FolderRef, rootName } from './work-folder.ts';

/** `rows`: so far, where `done` counts something else. */
export type OnProgress = (step: string, done: number, total: number, unit: string, rows?: number) => void;

/** A kind of work on one shard: the same payload gives the same files, whoever does it. */
export interface ShardWork<P> {
  readonly kind: JobKind<P>;
  /** The step that takes longest: how much of it is done counts as how much of a shard is. */
  readonly longestStep: string;
  /** Writes files into a folder that is there. `scratch` is another, for what goes on in between. */
  run(
    dependencies: IngestDependencies,
    payload: P,
    folders: { readonly into: string; readonly scratch: string },
    of: { readonly signal: AbortSignal; readonly onProgress: OnProgress },
  ): Promise<void>;
}

/**
 * Threads of the engine that works at a shard: what is done at the same time are shards, by several processes. A second thread of one took
 * a third more of the processor and made it hardly sooner.
 */
export const shardThreads = 1;

/** How the reason of a job begins that failed because the task or its data is wrong. */
export const refused = 'INVALID_ARGUMENT: ';

/** Where the shards of one run of ingestion lie until it ends. */
export function stagingOf({ artifactsUrl }: Pick<IngestDependencies, 'artifactsUrl'>, run: string): string {
  return joinUri(artifactsUrl, 'staging', run);
}

/** Does one attempt at a shard's job: its files go to the store, and the job's result says where they lie. */
export async function doShardJob<P>(work: ShardWork<P>, dependencies: IngestDependencies, job: Job<P>): Promise<void> {
  const workDir = join(dependencies.workDir, `shard-${job.attempt}`);
  const [into, scratch] = [join(workDir, 'files'), join(workDir, 'scratch')];
  for (const folder of [into, scratch]) mkdirSync(folder, { recursive: true });
  const [run = ''] = job.key.split('/');
  try {
    await work.run(
      dependencies,
      job.payload,
      { into, scratch },
      {
        signal: job.signal,
        onProgress: (step, done, total, unit, rows) => {
          job.signal.throwIfAborted();
          job.report({ step, done, total, unit, ...(rows === undefined ? {} : { rows }) });
        },
      },
    );
    const uri = joinUri(stagingOf(dependencies, run), String(job.attempt));
    await job.output(uri);
    const ref = await stage(dependencies, into, uri);
    await job.finish(() => Promise.resolve(ref));
  } catch (error) {
    if (error instanceof InvalidRequest || error instanceof BadData)
      throw new PermanentFailure(`${refused}${error.message}`, { cause: error });
    const full = diskFull(error);
    throw full === undefined ? error : new PermanentFailure(full, { cause: error });
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

/** Copies a folder's files to the store. */
export async function stage(
  { store }: Pick<IngestDependencies, 'store'>,
  folder: string,
  uri: string,
): Promise<FolderRef> {
  const staged = await ArtifactFolder.begin(store, uri);
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
  for (const name of names) await staged.put(name, join(folder, name));
  const { digest } = await staged.finish(rootName, { version: 1 as const });
  return { uri, digest };
}
