import { open, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TransformGraph } from '@adstocrat/transforms';
import { CachedRows } from './cached-rows.ts';
import { positiveMean } from './mean-weight.ts';
import { copyRows, type LoadedExamples, roomFor, type RowExtras } from './load-examples.ts';
import { blockRows, RowLayout } from './row-layout.ts';

/**
 * Writes rows to a file, in their order, and opens them. `rows` is how many will come at most. Throws where the disk has no room for them, before
 * the first one is written.
 */
export async function cacheRows(
  path: string,
  graph: Pick<TransformGraph, 'fields' | 'dense'>,
  { rows, negativeShare = 1 }: { readonly rows: number; readonly negativeShare?: number },
  extras: RowExtras,
  batches: AsyncIterable<LoadedExamples>,
): Promise<CachedRows> {
  const layout = new RowLayout(graph, extras);
  const bytes = Math.ceil(rows / blockRows) * layout.blockBytes;
  const { bavail, bsize } = await statfs(dirname(path));
  if (bavail * bsize < bytes)
    throw new Error(
      `${rows} transformed rows take ${gib(bytes)} in ${dirname(path)}, where ${gib(bavail * bsize)} are free: free space there, or set WORK_DIR`,
    );
  const file = await open(path, 'wx');
  const shape = { fields: graph.fields.length, denseWidth: graph.dense.length };
  const block = roomFor(blockRows, shape, extras);
  let [held, written, positives, weightSum] = [0, 0, 0, 0];
  const flush = async (): Promise<void> => {
    if (held > 0) await file.write(layout.encode({ ...block, rows: held }));
    written += held;
    held = 0;
  };
  try {
    for await (const batch of batches) {
      positives += batch.labels.reduce((sum, label) => sum + label, 0);
      weightSum += batch.weights?.reduce((sum, weight) => sum + weight, 0) ?? 0;
      for (let from = 0; from < batch.rows;) {
        const take = Math.min(blockRows - held, batch.rows - from);
        copyRows(batch, from, take, block, held);
        from += take;
        held += take;
        if (held === blockRows) await flush();
      }
    }
    await flush();
  } finally {
    await file.close();
  }
  const weightScale = extras.weights ? 1 / positiveMean(weightSum, written) : 1;
  return CachedRows.open({ path, graph, extras, rows: written, positives, negativeShare, weightScale });
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
