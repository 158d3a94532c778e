import { join } from 'node:path';
import { ArtifactFolder, type ManifestFiles } from '@adstocrat/artifact-folders';
import { joinUri } from '@adstocrat/artifact-store';
import type { Person } from '@adstocrat/service-kit';
import type { Jobs } from '@adstocrat/jobs';
import { removeSpanJob } from '../clean/remove-span-job.ts';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import type { LiveRows, Shard } from '../live/live-rows.ts';
import { type ForgottenRows, taken } from './forgotten-rows.ts';
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

const file = 'examples.parquet';

/**
 * Takes a person's rows out of the shards that are in no span. A shard that has some becomes another one, under a number that no attempt
 * has: a span that is made of the old one meanwhile is not recorded, and made again.
 */
export async function forgetShards(
  dependencies: IngestDependencies & { readonly live: LiveRows; readonly jobs: Jobs },
  person: Person,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<ForgottenRows> {
  const { live } = dependencies;
  let found = 0;
  for (const shard of await live.allUnused()) {
    signal.throwIfAborted();
    found += await forgetInShard(dependencies, shard, person, dryRun, signal);
  }
  return taken('hourly shards of live rows', found, dryRun);
}

function forgetInShard(
  dependencies: IngestDependencies & { readonly live: LiveRows; readonly jobs: Jobs },
  shard: Shard,
  person: Person,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<number> {
  const { store, artifactsUrl, live, jobs } = dependencies;
  const { uri, digest, model, hour } = shard;
  return withFolder<ShardRoot, number>(dependencies, { uri, digest, root: 'shard.json' }, signal, async (folder) => {
    const { engine, paths, workDir, root } = folder;
    const relation = await engine.openParquet([paths.get(file) ?? '']);
    const found = await engine.countOf(relation, person.column, person.forms);
    if (found === 0 || dryRun) return found;
    const left = await engine.without(relation, person.column, person.forms);
    const [rows, positives] = [await engine.count(left), await engine.positives(left)];
    const local = join(workDir, file);
    await engine.writeParquet(left, local);
    const number = await live.forgottenNumber(shard);
    const newUri = joinUri(artifactsUrl, 'live', model, String(hour), String(number));
    const written = await ArtifactFolder.begin(store, newUri);
    await written.put(file, local);
    const { files: _, digest: __, ...head } = root;
    const finished = await written.finish('shard.json', { ...head, rows, positives });
    await jobs.transaction(async (transaction) => {
      await live.replace(shard, { ...shard, shard: number, uri: newUri, digest: finished.digest, rows }, transaction);
      await jobs.request(
        { kind: removeSpanJob, key: uri, payload: { uri, root: 'shard.json' }, by: `forget/${uri}` },
        transaction,
      );
    });
    return found;
  });
}
