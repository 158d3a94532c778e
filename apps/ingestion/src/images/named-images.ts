import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DamagedArtifact, fetchByManifest, readRoot } from '@adstocrat/artifact-folders';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { ExampleEngine } from '@adstocrat/example-engine';
import type { SpanManifest } from '@adstocrat/examples';
import type { SpanRecord } from '@adstocrat/metadata';
import type { IngestDependencies } from '../ingest-dependencies.ts';

/** A recorded span whose images cannot be told: no image can be called unnamed. */
export class UnreadableSpan extends PermanentFailure {
  override readonly name = 'UnreadableSpan';
}

const batchRows = 8192;

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
 * none. Throws {@link UnreadableSpan}.
 */
export async function* namedImages(
  dependencies: Pick<IngestDependencies, 'metadata' | 'store'>,
  engine: ExampleEngine,
  spans: readonly SpanRecord[],
  workDir: string,
  onSpan: (done: number) => void,
): AsyncGenerator<string> {
  const paths: string[] = [];
  for (const [index, span] of spans.entries()) {
    onSpan(index);
    const folder = join(workDir, `index-${index}`);
    mkdirSync(folder, { recursive: true });
    const path = await fetchIndex(dependencies, span, folder);
    if (path !== undefined) paths.push(path);
  }
  if (paths.length === 0) return;
  const distinct = await engine.distinctRows(await engine.openParquet(paths), 'sha256');
  for await (const digests of digestsOf(engine, distinct)) yield* digests;
}

/** The digests of an index, so many at a time. */
export async function* digestsOf(
  engine: ExampleEngine,
  index: Parameters<ExampleEngine['batches']>[0],
): AsyncGenerator<readonly string[]> {
  for await (const { columns } of engine.batches(index, { columns: ['sha256'], batchRows }))
    yield Array.from(columns.get('sha256')?.values ?? [], String);
}
