import { join } from 'node:path';
import { ArtifactFolder } from '@adstocrat/artifact-folders';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { DataSchema } from '@adstocrat/data-validation';
import type { ExampleEngine, Rejects } from '@adstocrat/example-engine';
import { type SpanManifest, type SpanTable, splits } from '@adstocrat/examples';
import type { SpanStatistics } from '@adstocrat/statistics';
import type { ImageIndex } from './index-images.ts';
import { filesOf, rowsOf, type SpanPart } from './part-folders.ts';
import { rejectsCsv } from './rejects-csv.ts';

export interface SpanContent {
  readonly parts: readonly SpanPart[];
  readonly statistics: SpanStatistics;
  readonly schema: DataSchema;
  readonly anomalies: readonly string[];
  readonly rejects: readonly Rejects[];
  readonly images: ImageIndex | undefined;
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
  const { parts, rejectedRows, rejectedImages } = content;
  const folder = await ArtifactFolder.begin(store, uri);
  for (const split of splits)
    for (const [index, part] of filesOf(parts, split).entries()) {
      const file = `${split}.parquet`;
      await folder.put(
        `examples/${split}/part-${String(index).padStart(5, '0')}.parquet`,
        await part.folder.file(file),
      );
      await part.folder.forget(file);
    }
  await folder.putText('statistics.json', JSON.stringify(content.statistics));
  await folder.putText('data-schema.json', JSON.stringify(content.schema));
  await folder.putText('anomalies.json', JSON.stringify(content.anomalies));
  const rejects = join(workDir, 'rejects.parquet');
  await engine.writeParquet(await engine.union(content.rejects.map(({ table }) => table)), rejects);
  await folder.put('rejects.parquet', rejects);
  await folder.putText('rejects.csv', rejectsCsv(content.rejects.flatMap(({ first }) => first)));
  if (content.images !== undefined) {
    const images = join(workDir, 'images.parquet');
    await engine.writeParquet(content.images.index, images);
    await folder.put('images.parquet', images);
  }
  for (const [index, table] of content.tables.entries())
    await folder.putText(`tables/${index}.json`, JSON.stringify(table));
  return folder.finish('span.json', {
    version: 1 as const,
    ...content.head,
    rows: rowsOf(parts, 'rows'),
    positives: rowsOf(parts, 'positives'),
    rejectedRows,
    images: content.images?.images ?? 0,
    rejectedImages,
  });
}
