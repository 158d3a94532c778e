import { embeddingRows, type TransformGraph } from '@adstocrat/transforms';
import type { LoadedExamples } from '../data/load-examples.ts';
import { valueForgetter } from '../model/forget-values.ts';

/** How often each id is met in an epoch in which values are forgotten as in training: [idRows]. */
export function idCountsOf({ ids }: LoadedExamples, graph: TransformGraph, seed: number): Float32Array {
  const met = Int32Array.from(ids);
  valueForgetter(graph, seed)(met);
  const counts = new Float32Array(embeddingRows(graph));
  for (const id of met) counts[id]! += 1;
  return counts;
}
