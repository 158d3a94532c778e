import { join } from 'node:path';
import { ArtifactFolder } from '@adstocrat/artifact-folders';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { DataSchema } from '@adstocrat/data-validation';
import type { ExampleEngine, Rejects, Relation } from '@adstocrat/example-engine';
import { type SpanManifest, type SpanTable, type Split, splits } from '@adstocrat/examples';
import type { SpanStatistics } from '@adstocrat/statistics';
import { rejectsCsv } from './rejects-csv.ts';

export interface SpanContent {
  readonly parts: Readonly<Record<Split, Relation>>;
  readonly statistics: SpanStatistics;
  readonly schema: DataSchema;
  readonly anomalies: readonly string[];
  readonly rejects: readonly Rejects[];
  readonly images: ReadonlyMap<string, string>;
  readonly tables: readonly SpanTable[];
  readonly head: Omit<
    SpanManifest,
    'version' | 'digest' | 'files' | 'rows' | 'positives' | 'images' | 'rejectedRows' | 'rejectedImages'
  >;
  readonly rejectedRows: number;
  readonly rejectedImages: number;
}

/** Writes a span's folder. Returns the manifest. */
export async function writeSpan(
  engine: ExampleEngine,
  store: ArtifactStore,
  uri: string,
  workDir: string,
  content: SpanContent,
): Promise<SpanManifest> {
  const folder = await ArtifactFolder.begin(store, uri);
  const rows = { train: 0, validation: 0, test: 0 };
  const positives = { train: 0, validation: 0, test: 0 };
  for (const split of splits) {
    const relation = content.parts[split];
    rows[split] = await engine.count(relation);
    positives[split] = await engine.positives(relation);
    const local = join(workDir, `${split}.parquet`);
    await engine.writeParquet(relation, local);
    await folder.put(`examples/${split}/part-00000.parquet`, local);
  }
  await folder.putText('statistics.json', JSON.stringify(content.statistics));
  await folder.putText('data-schema.json', JSON.stringify(content.schema));
  await folder.putText('anomalies.json', JSON.stringify(content.anomalies));
  const rejects = join(workDir, 'rejects.parquet');
  await engine.writeParquet(await engine.union(content.rejects.map(({ table }) => table)), rejects);
  await folder.put('rejects.parquet', rejects);
  await folder.putText('rejects.csv', rejectsCsv(content.rejects.flatMap(({ first }) => first)));
  await folder.putText('images.json', JSON.stringify(Object.fromEntries(content.images)));
  for (const [index, table] of content.tables.entries())
    await folder.putText(`tables/${index}.json`, JSON.stringify(table));
  const { rejectedRows, rejectedImages } = content;
  const images = content.images.size;
  return folder.finish('span.json', {
    version: 1 as const,
    ...content.head,
    rows,
    positives,
    rejectedRows,
    images,
    rejectedImages,
  });
}
