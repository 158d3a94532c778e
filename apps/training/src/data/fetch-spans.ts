import { join } from 'node:path';
import { fetchByManifest, readRoot } from '@adstocrat/artifact-folders';
import { type ArtifactStore, joinUri, readJson } from '@adstocrat/artifact-store';
import type { DataSchema } from '@adstocrat/data-validation';
import { type SpanManifest, type SpanTable, type Split, splits } from '@adstocrat/examples';
import type { SpanRecord } from '@adstocrat/metadata';
import type { SpanStatistics } from '@adstocrat/statistics';
import { timesOfSpans } from './times-of-spans.ts';

/** Spans on local disk, ready to scan. */
export interface FetchedSpans {
  /** Local Parquet files by split, in the spans' order. */
  readonly files: Readonly<Record<Split, readonly string[]>>;
  /** Of the first span, which is the batch span where there is one: the others have its columns. */
  readonly schema: DataSchema;
  /** Id of the key of its pseudonyms. */
  readonly personalKey: string | undefined;
  readonly statistics: SpanStatistics;
  readonly tables: readonly SpanTable[];
  /** Unix milliseconds of their first and last event; absent where they have no event time. */
  readonly timeRangeMs?: readonly [number, number];
  /** Of the spans that have images, in order: Parquet with the columns `value` (of the image column) and `sha256`. */
  readonly images: readonly string[];
}

/** Copies the spans' examples to a folder. Throws where a file is not the one its manifest names. */
export async function fetchSpans(
  store: ArtifactStore,
  spans: readonly SpanRecord[],
  folder: string,
  onBytes: (done: number, total: number) => void,
): Promise<FetchedSpans> {
  const manifests = await Promise.all(
    spans.map(({ uri, digest }) => readRoot<SpanManifest>(store, uri, 'span.json', digest)),
  );
  const parts = manifests.flatMap((manifest, index) =>
    Object.entries(manifest.files)
      .filter(([path]) => path.startsWith('examples/'))
      .map(([path, file]) => ({ uri: spans[index]?.uri ?? '', span: manifest.span, path, file, bytes: file.bytes })),
  );
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const files: Record<Split, string[]> = { train: [], validation: [], test: [] };
  for (const { uri, span, path, file } of parts.toSorted((a, b) => a.span - b.span || (a.path < b.path ? -1 : 1))) {
    const split = splits.find((one) => path.startsWith(`examples/${one}/`));
    if (split === undefined) continue;
    const local = await fetchByManifest(store, uri, { [path]: file }, join(folder, `span-${span}`), (bytes) => {
      done += bytes;
      onBytes(done, total);
    });
    files[split].push(...local);
  }
  const first = spans[0];
  const manifest = manifests[0];
  if (first === undefined || manifest === undefined) throw new RangeError('there is no span to train on');
  const images: string[] = [];
  for (const [index, { uri, span }] of spans.entries()) {
    const file = manifests[index]?.files['images.parquet'];
    if (file !== undefined)
      images.push(...(await fetchByManifest(store, uri, { 'images.parquet': file }, join(folder, `span-${span}`))));
  }
  const timeRangeMs = timesOfSpans(manifests);
  const tables = Object.keys(manifest.files).filter((path) => path.startsWith('tables/'));
  tables.sort((a, b) => Number.parseInt(a.slice(7), 10) - Number.parseInt(b.slice(7), 10));
  return {
    files,
    images,
    ...(timeRangeMs && { timeRangeMs }),
    personalKey: manifest.personalKey,
    schema: await readJson<DataSchema>(store, joinUri(first.uri, 'data-schema.json')),
    statistics: await readJson<SpanStatistics>(store, joinUri(first.uri, 'statistics.json')),
    tables: await Promise.all(tables.map((path) => readJson<SpanTable>(store, joinUri(first.uri, path)))),
  };
}
