import type { LabelledBatch } from './training-rows.ts';

/** A batch in so many parts of about one size, in order; fewer where it has fewer rows. */
export function* partsOf({ batch, labels, weights }: LabelledBatch, parts: number): Generator<LabelledBatch> {
  const { rows, ids, dense, images } = batch;
  const count = Math.min(parts, rows);
  for (let part = 0; part < count; part += 1) {
    const [from, to] = [part, part + 1].map((at) => Math.floor((at * rows) / count)) as [number, number];
    const own = <T extends Int32Array | Float32Array>(of: T): T =>
      of.subarray((of.length / rows) * from, (of.length / rows) * to) as T;
    yield {
      batch: { rows: to - from, ids: own(ids), dense: own(dense), ...(images && { images: own(images) }) },
      labels: own(labels),
      ...(weights && { weights: own(weights) }),
    };
  }
}
