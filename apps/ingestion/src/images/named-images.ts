import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DamagedArtifact, fetchByManifest, readRoot } from '@adstocrat/artifact-folders';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { ExampleEngine, NamedColumn, Relation } from '@adstocrat/example-engine';
import { type ColumnarBatch, rowsAt, type SpanManifest } from '@adstocrat/examples';
import type { SpanRecord } from '@adstocrat/metadata';
import type { IngestDependencies } from '../ingest-dependencies.ts';

/** A recorded span whose images cannot be told: no image can be called unnamed. */
export class UnreadableSpan extends PermanentFailure {
  override readonly name = 'UnreadableSpan';
}

const batchRows = 8192;
/** A span's index of images: `value` of the image column, and the digest. */
export const indexColumns = ['value', 'sha256'].map((name): NamedColumn => ({ name, type: 'string' }));

/** All spans of all tasks that name images. */
export async function spansWithImages({
  metadata,
}: Pick<IngestDependencies, 'metadata'>): Promise<readonly SpanRecord[]> {
  const spans: SpanRecord[] = [];
  for (const { name } of await metadata.listTasks()) spans.push(...(await metadata.listSpans(name)));
  return spans.filter(({ images }) => images > 0);
}

/** Copies a span's index of images. Undefined where the span is no longer recorded there. Throws {@link UnreadableSpan}. */
export async function fetchIndex(
  { metadata, store }: Pick<IngestDependencies, 'metadata' | 'store'>,
  { task, span, uri, digest }: SpanRecord,
  folder: string,
): Promise<string | undefined> {
  try {
    const { files } = await readRoot<SpanManifest>(store, uri, 'span.json', digest);
    const file = files['images.parquet'];
    if (file === undefined) throw new DamagedArtifact(`${uri} has no images.parquet`);
    const [path] = await fetchByManifest(store, uri, { 'images.parquet': file }, folder);
    return path;
  } catch (error) {
    if (!(error instanceof DamagedArtifact)) throw error;
    if ((await metadata.getSpan(task, span))?.uri !== uri) return undefined;
    throw new UnreadableSpan(
      `span ${span} of "${task}" is recorded and cannot be read, so that it is not known which images it names: ${error.message}`,
      { cause: error },
    );
  }
}

/**
 * Digests of the images that spans name, ascending, each once: sorted by the engine on disk. A span that was removed meanwhile names
 * none. `without`: digests that the span at a URI is taken not to name. Throws {@link UnreadableSpan} before the first of them.
 */
export async function* namedImages(
  dependencies: Pick<IngestDependencies, 'metadata' | 'store'>,
  engine: ExampleEngine,
  spans: readonly SpanRecord[],
  workDir: string,
  onSpan: (done: number) => void,
  without: ReadonlyMap<string, ReadonlySet<string>> = new Map(),
): AsyncGenerator<string> {
  const paths: string[] = [];
  const indexes: Relation[] = [];
  for (const [at, span] of spans.entries()) {
    onSpan(at);
    const folder = join(workDir, `index-${at}`);
    mkdirSync(folder, { recursive: true });
    const path = await fetchIndex(dependencies, span, folder);
    const lost = without.get(span.uri);
    if (path === undefined) continue;
    if (lost === undefined) paths.push(path);
    else indexes.push(await engine.fromBatches(indexColumns, othersIn(engine, await engine.openParquet([path]), lost)));
  }
  if (paths.length > 0) indexes.push(await engine.openParquet(paths));
  if (indexes.length === 0) return;
  const [first] = indexes;
  const named = indexes.length === 1 && first !== undefined ? first : await engine.union(indexes);
  const distinct = await engine.distinctRows(named, 'sha256');
  for await (const digests of digestsOf(engine, distinct)) yield* digests;
}

async function* othersIn(
  engine: ExampleEngine,
  index: Relation,
  lost: ReadonlySet<string>,
): AsyncGenerator<ColumnarBatch> {
  for await (const batch of engine.batches(index, { batchRows })) {
    const digests = batch.columns.get('sha256')?.values ?? [];
    const rows = Int32Array.from({ length: batch.rows }, (_, row) => row);
    yield rowsAt(
      batch,
      rows.filter((row) => !lost.has(String(digests[row]))),
    );
  }
}

/** The digests of an index, so many at a time. */
export async function* digestsOf(engine: ExampleEngine, index: Relation): AsyncGenerator<readonly string[]> {
  for await (const { columns } of engine.batches(index, { columns: ['sha256'], batchRows }))
    yield Array.from(columns.get('sha256')?.values ?? [], String);
}
