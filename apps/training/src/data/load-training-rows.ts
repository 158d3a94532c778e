import { join } from 'node:path';
import { cacheRows } from './cache-rows.ts';
import type { CachedRows } from './cached-rows.ts';
import { loadExamples, type LoadOptions, transformedBatches } from './load-examples.ts';
import { MemoryRows } from './memory-rows.ts';

/** Bytes of transformed rows that are held in memory. More lie on the work folder's disk. */
export const memoryBytes = 2 ** 28;

/** The training rows, transformed once: in memory where they fit in `memoryBytes`, else in a file in the folder. */
export async function loadTrainingRows(
  options: LoadOptions & { readonly folder: string; readonly memoryBytes?: number },
): Promise<MemoryRows | CachedRows> {
  const { engine, relation, transform, images, folder, memoryBytes: limit = memoryBytes } = options;
  const { graph } = transform;
  const rows = await engine.count(relation);
  const { weighted = false, negativeShare = 1 } = options.rule ?? {};
  const extras = { images: images !== undefined, weights: weighted };
  const bytesEach = 4 * (graph.fields.length + graph.dense.length + 1 + Number(extras.images) + Number(extras.weights));
  if (rows * bytesEach <= limit) return new MemoryRows(await loadExamples(options), negativeShare);
  return cacheRows(join(folder, 'train.rows'), graph, { rows, negativeShare }, extras, transformedBatches(options));
}
