import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileDigest, uploadArtifact } from '@adstocrat/adapters';
import { ArtifactNotFound, type ArtifactStore, joinUri } from '@adstocrat/artifact-store';
import type { DataSchema } from '@adstocrat/data-validation';
import type { ExampleEngine, Reject, Relation } from '@adstocrat/example-engine';
import { canonicalJson, type SpanManifest, type SpanTable, type Split, splits } from '@adstocrat/examples';
import type { SpanStatistics } from '@adstocrat/statistics';

export interface SpanContent {
  readonly parts: Readonly<Record<Split, Relation>>;
  readonly statistics: SpanStatistics;
  readonly schema: DataSchema;
  readonly anomalies: readonly string[];
  readonly rejects: readonly Reject[];
  readonly images: ReadonlyMap<string, string>;
  readonly tables: readonly SpanTable[];
  readonly head: Omit<
    SpanManifest,
    'version' | 'digest' | 'files' | 'rows' | 'positives' | 'images' | 'rejectedRows' | 'rejectedImages'
  >;
  readonly rejectedRows: number;
  readonly rejectedImages: number;
}

/**
 * Writes a span's folder, its root file last: until then the folder does not exist for a reader. What an interrupted attempt
 * left is removed first. Returns the manifest.
 */
export async function writeSpan(
  engine: ExampleEngine,
  store: ArtifactStore,
  uri: string,
  workDir: string,
  content: SpanContent,
): Promise<SpanManifest> {
  await removeLeftovers(store, uri);
  const files: Record<string, { readonly sha256: string; readonly bytes: number }> = {};
  const put = async (path: string, local: string): Promise<void> => {
    files[path] = await fileDigest(local);
    await uploadArtifact(store, local, joinUri(uri, path));
  };
  const putText = async (path: string, text: string): Promise<void> => {
    const local = join(workDir, path.replaceAll('/', '-'));
    writeFileSync(local, text);
    await put(path, local);
  };
  const rows = { train: 0, validation: 0, test: 0 };
  const positives = { train: 0, validation: 0, test: 0 };
  for (const split of splits) {
    const relation = content.parts[split];
    rows[split] = await engine.count(relation);
    positives[split] = await engine.positives(relation);
    const local = join(workDir, `${split}.parquet`);
    await engine.writeParquet(relation, local);
    await put(`examples/${split}/part-00000.parquet`, local);
  }
  await putText('statistics.json', JSON.stringify(content.statistics));
  await putText('data-schema.json', JSON.stringify(content.schema));
  await putText('anomalies.json', JSON.stringify(content.anomalies));
  await putText('rejects.csv', rejectsCsv(content.rejects));
  await putText('images.json', JSON.stringify(Object.fromEntries(content.images)));
  for (const [index, table] of content.tables.entries()) await putText(`tables/${index}.json`, JSON.stringify(table));
  const { rejectedRows, rejectedImages } = content;
  const undigested = {
    version: 1 as const,
    ...content.head,
    rows,
    positives,
    rejectedRows,
    images: content.images.size,
    rejectedImages,
    files,
  };
  const manifest: SpanManifest = {
    ...undigested,
    digest: createHash('sha256').update(canonicalJson(undigested)).digest('hex'),
  };
  await store.create(joinUri(uri, 'span.json'), [new TextEncoder().encode(JSON.stringify(manifest, null, 2))]);
  return manifest;
}

function rejectsCsv(rejects: readonly Reject[]): string {
  const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return `file,line,reason\n${rejects.map(({ file, line, reason }) => `${field(file)},${line > 0 ? line : ''},${field(reason)}\n`).join('')}`;
}

async function removeLeftovers(store: ArtifactStore, uri: string): Promise<void> {
  try {
    for await (const left of store.list(`${uri}/`)) await store.remove(left.uri);
  } catch (error) {
    // No folder yet, as it should be.
    if (!(error instanceof ArtifactNotFound)) throw error;
  }
}
