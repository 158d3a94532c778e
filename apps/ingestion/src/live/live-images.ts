import { join } from 'node:path';
import { fetchByManifest, readRoot } from '@adstocrat/artifact-folders';
import type { ExampleEngine, Reject, Relation } from '@adstocrat/example-engine';
import type { SpanManifest } from '@adstocrat/examples';
import type { Task } from '@adstocrat/tasks';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { type ImageIndex, indexImages } from '../span/index-images.ts';
import { takeImages } from '../span/take-images.ts';

/** Values of the image column that no span knows and that are looked for, at most: what requests say is without bound. */
const newImages = 20_000;

/** The live rows with their images: those that spans know by name, newest span first; others from where the task's images lie. */
export async function liveImages(
  dependencies: IngestDependencies,
  engine: ExampleEngine,
  table: Relation,
  task: Task,
  { imageBaseUri, workDir }: { readonly imageBaseUri: string | undefined; readonly workDir: string },
): Promise<{ readonly table: Relation; readonly images: ImageIndex | undefined }> {
  if (task.image === undefined || imageBaseUri === undefined) return { table, images: undefined };
  const { metadata, store, artifactsUrl, imageMarks } = dependencies;
  const { column } = task.image;
  const wanted = await engine.distinctRows(table, column);
  const known = await knownImages(dependencies, engine, task.name, { wanted, column, workDir });
  const source = await dependencies.openStore(imageBaseUri);
  let looked = 0;
  let left = 0;
  const images = await indexImages(engine, wanted, column, async (values) => {
    const unknown = values.filter((value) => !known.has(value));
    const tried = unknown.slice(0, Math.max(0, newImages - looked));
    looked += tried.length;
    left += unknown.length - tried.length;
    const taken = await takeImages({
      source,
      registry: metadata.images,
      sink: store,
      marks: imageMarks,
      artifactsUrl,
      baseUri: imageBaseUri,
      values: tried,
      onProgress: () => undefined,
    });
    const digests = values.flatMap((value) => {
      const digest = known.get(value) ?? taken.digests.get(value);
      return digest === undefined ? [] : [[value, digest] as const];
    });
    return { digests: new Map(digests), rejects: taken.rejects };
  });
  const unseen: readonly Reject[] =
    left > 0
      ? [{ file: imageBaseUri, line: 0, reason: `${left} more images that no span knows were not looked for` }]
      : [];
  const more = await engine.rejects(unseen);
  const rejects = {
    rows: images.rejects.rows + more.rows,
    reasons: [...images.rejects.reasons, ...more.reasons],
    first: [...images.rejects.first, ...more.first],
    table: await engine.union([images.rejects.table, more.table]),
  };
  return { table: await engine.withImages(table, column, images.index), images: { ...images, rejects } };
}

/** Digests of the wanted images, from as few spans as know them all. What is wanted is in memory, what spans know is not. */
async function knownImages(
  { metadata, store }: IngestDependencies,
  engine: ExampleEngine,
  task: string,
  of: { readonly wanted: Relation; readonly column: string; readonly workDir: string },
): Promise<ReadonlyMap<string, string>> {
  const missing = new Set(await engine.distinct(of.wanted, of.column));
  const known = new Map<string, string>();
  for (const { uri, span, digest } of (await metadata.listSpans(task)).toReversed()) {
    if (missing.size === 0) break;
    const { files } = await readRoot<SpanManifest>(store, uri, 'span.json', digest);
    const file = files['images.parquet'];
    if (file === undefined) continue;
    const folder = join(of.workDir, `images-${span}`);
    const index = await engine.openParquet(await fetchByManifest(store, uri, { 'images.parquet': file }, folder));
    for await (const { columns } of engine.batches(index)) {
      const digests = columns.get('sha256')?.values ?? [];
      for (const [row, value] of (columns.get('value')?.values ?? []).entries())
        if (missing.delete(String(value))) known.set(String(value), String(digests[row]));
    }
  }
  return known;
}
