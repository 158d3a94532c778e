import { embeddingRows, type TransformGraph } from '@adstocrat/transforms';
import type { TrainingRows } from '../data/training-rows.ts';
import { forgottenShare } from '../model/forget-values.ts';

/** How often each id is met in an epoch in which values are forgotten as in training, on average: [idRows]. */
export async function idCountsOf(train: TrainingRows, graph: TransformGraph): Promise<Float32Array> {
  const seen = new Float64Array(embeddingRows(graph));
  for await (const { ids } of train.parts()) for (const id of ids) seen[id]! += 1;
  // Slots of one feature share a table, and so its counts.
  const tables = new Map(graph.fields.map((field) => [field.offset, field]));
  for (const { offset, size, unknown } of tables.values()) {
    if (unknown === undefined || unknown.count === 0) continue;
    let forgotten = 0;
    for (let id = offset + 1; id < offset + size; id += 1) {
      forgotten += seen[id]! * forgottenShare;
      seen[id]! *= 1 - forgottenShare;
    }
    const first = offset + unknown.first;
    for (let id = first; id < first + unknown.count; id += 1) seen[id]! += forgotten / unknown.count;
  }
  return Float32Array.from(seen);
}
