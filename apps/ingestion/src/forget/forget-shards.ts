import { join } from 'node:path';
import type { Pool } from 'pg';
import { DamagedArtifact, type ManifestFiles } from '@adstocrat/artifact-folders';
import { TransientFailure } from '@adstocrat/event-bus';
import type { Person } from '@adstocrat/service-kit';
import type { Jobs } from '@adstocrat/jobs';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import type { LiveRows, Shard } from '../live/live-rows.ts';
import { takePlace, writeBeside } from './forgotten-folders.ts';
import { type ForgottenRows, taken, unreadable } from './forgotten-rows.ts';
import { withFolder } from './rewrite-folder.ts';

interface ShardRoot {
  readonly version: 1;
  readonly model: string;
  readonly hour: number;
  readonly rows: number;
  readonly positives: number;
  readonly files: ManifestFiles;
  readonly digest: string;
}

export interface ForgetShardsParts extends IngestDependencies {
  readonly pool: Pool;
  readonly live: LiveRows;
  readonly jobs: Jobs;
}

const file = 'examples.parquet';
const rootName = 'shard.json';

/**
 * Takes a person's rows out of the shards that are in no span. A shard that has some becomes another one, under a number that no attempt
 * has: a span that is made of the old one meanwhile is not recorded, and made again. One that cannot be read is left, and said to be.
 */
export async function forgetShards(
  dependencies: ForgetShardsParts,
  person: Person,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<readonly ForgottenRows[]> {
  const { live } = dependencies;
  let found = 0;
  const unread: ForgottenRows[] = [];
  for (const shard of await live.allUnused()) {
    signal.throwIfAborted();
    try {
      found += await forgetInShard(dependencies, shard, person, dryRun, signal);
    } catch (error) {
      // Where it is in a span by now that is looked at next.
      const isUnused = (await live.allUnused()).some(({ uri }) => uri === shard.uri);
      if (!isUnused && (error instanceof DamagedArtifact || error instanceof TransientFailure)) continue;
      if (!(error instanceof DamagedArtifact)) throw error;
      unread.push(unreadable(`shard ${shard.hour} of ${shard.model}`, error));
    }
  }
  return [taken('hourly shards of live rows', found, dryRun), ...unread];
}

function forgetInShard(
  dependencies: ForgetShardsParts,
  shard: Shard,
  person: Person,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<number> {
  const { live, jobs } = dependencies;
  const { uri, digest } = shard;
  return withFolder<ShardRoot, number>(dependencies, { uri, digest, root: rootName }, signal, async (folder) => {
    const { engine, paths, workDir, root } = folder;
    const relation = await engine.openParquet([paths.get(file) ?? '']);
    const found = await engine.countOf(relation, person.column, person.forms);
    if (found === 0 || dryRun) return found;
    const left = await engine.without(relation, person.column, person.forms);
    const [rows, positives] = [await engine.count(left), await engine.positives(left)];
    const local = join(workDir, file);
    await engine.writeParquet(left, local);
    const number = await live.forgottenNumber(shard);
    const { files: _, digest: __, ...head } = root;
    const by = await writeBeside(dependencies, { uri, root: rootName }, async (written, newUri) => {
      await written.put(file, local);
      const finished = await written.finish(rootName, { ...head, rows, positives });
      return { ...shard, shard: number, uri: newUri, digest: finished.digest, rows };
    });
    await jobs.transaction(async (transaction) => {
      await live.replace(shard, by, transaction);
      await takePlace(jobs, { uri, root: rootName, by: by.uri }, transaction);
    });
    return found;
  });
}
