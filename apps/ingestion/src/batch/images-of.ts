import type { ExampleEngine } from '@adstocrat/example-engine';
import type { Task } from '@adstocrat/tasks';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import type { ShardHead } from '../shards/merged-scans.ts';
import type { OnProgress } from '../shards/shard-work.ts';
import type { WorkFolder } from '../shards/work-folder.ts';
import { type ImageIndex, indexImages } from '../span/index-images.ts';
import { takeImages } from '../span/take-images.ts';
import type { Input } from './find-input.ts';
import type { ScannedKeyTable } from './scan-tables.ts';

/** The column of the examples whose values lead to images: the image column, or the key of the table that has it. */
export function imageValuesFrom(
  { image }: Pick<Task, 'image'>,
  tables: readonly ScannedKeyTable[],
): string | undefined {
  if (image === undefined) return undefined;
  const table = tables.find(({ scan, key }) => scan.columns.some(({ name }) => name === image.column && name !== key));
  return table?.key ?? image.column;
}

/** Takes every image that the examples name. Undefined without images. */
export async function imagesOf(
  { metadata, store, artifactsUrl, imageMarks }: IngestDependencies,
  engine: ExampleEngine,
  { source, imageBaseUri }: Input,
  of: {
    readonly task: Task;
    readonly from: string | undefined;
    readonly tables: readonly ScannedKeyTable[];
    readonly scanned: readonly ShardHead[];
    readonly folders: readonly WorkFolder[];
    readonly onProgress: OnProgress;
  },
): Promise<ImageIndex | undefined> {
  const { from, onProgress } = of;
  if (of.task.image === undefined || imageBaseUri === undefined || from === undefined) return undefined;
  const { column } = of.task.image;
  const paths = await Promise.all(
    of.folders.flatMap((folder, shard) => {
      const at = of.scanned[shard]?.distinct.indexOf(from) ?? -1;
      return at === -1 ? [] : [folder.file(`distinct/${at}.parquet`)];
    }),
  );
  let values = await engine.distinctRows(await engine.openParquet(paths), from);
  const table = of.tables.find(({ key }) => from !== column && key === from);
  if (table !== undefined)
    values = await engine.distinctRows(await engine.join(values, table.scan.table, from), column);
  const total = await engine.count(values);
  return indexImages(engine, values, column, (some, before) =>
    takeImages({
      source,
      registry: metadata.images,
      sink: store,
      marks: imageMarks,
      artifactsUrl,
      values: some,
      baseUri: imageBaseUri,
      onProgress: (done) => {
        onProgress('images', before + done, total, 'images');
      },
    }),
  );
}
