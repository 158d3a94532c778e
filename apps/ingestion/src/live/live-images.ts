import { joinUri, readJson } from '@adstocrat/artifact-store';
import type { ExampleEngine, Reject, Relation } from '@adstocrat/example-engine';
import type { Task } from '@adstocrat/tasks';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { takeImages } from '../span/take-images.ts';

/** Values of the image column that no span knows and that are looked for, at most: what requests say is without bound. */
const newImages = 20_000;

/** The live rows with their images: those that spans know by name, newest span first; others from where the task's images lie. */
export async function liveImages(
  dependencies: IngestDependencies,
  engine: ExampleEngine,
  table: Relation,
  task: Task,
  imageBaseUri: string | undefined,
): Promise<{
  readonly table: Relation;
  readonly digests: ReadonlyMap<string, string>;
  readonly rejects: readonly Reject[];
}> {
  if (task.image === undefined || imageBaseUri === undefined) return { table, digests: new Map(), rejects: [] };
  const { store, artifactsUrl } = dependencies;
  const values = await engine.distinct(table, task.image.column);
  const known = await knownImages(dependencies, task.name, values);
  const unknown = values.filter((value) => !known.has(value));
  const taken = await takeImages({
    source: await dependencies.openStore(imageBaseUri),
    sink: store,
    artifactsUrl,
    baseUri: imageBaseUri,
    values: unknown.slice(0, newImages),
    onProgress: () => undefined,
  });
  const left = unknown.length - newImages;
  const unseen = { file: imageBaseUri, line: 0, reason: `${left} more images that no span knows were not looked for` };
  const digests = new Map(
    values.flatMap((value) => {
      const digest = known.get(value) ?? taken.digests.get(value);
      return digest === undefined ? [] : [[value, digest] as const];
    }),
  );
  return {
    table: await engine.withImages(table, task.image.column, digests),
    digests,
    rejects: left > 0 ? [...taken.rejects, unseen] : taken.rejects,
  };
}

/** Digests of the wanted images, from as few spans as know them all, one span's names in memory at a time. */
async function knownImages(
  { metadata, store }: IngestDependencies,
  task: string,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const missing = new Set(wanted);
  const known = new Map<string, string>();
  for (const { uri } of (await metadata.listSpans(task)).toReversed()) {
    if (missing.size === 0) break;
    const images = new Map(Object.entries(await readJson<Record<string, string>>(store, joinUri(uri, 'images.json'))));
    for (const value of missing) {
      const digest = images.get(value);
      if (digest === undefined) continue;
      known.set(value, digest);
      missing.delete(value);
    }
  }
  return known;
}
