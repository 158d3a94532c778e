import type { Weights } from '@adstocrat/models';
import { placedFeatures, type TransformGraph } from '@adstocrat/transforms';
import { type FitData, modelInputs } from '../search/trial-data.ts';
import type { PairBeliefs, PairInputs } from './pair-beliefs.ts';

/** What ids and images a run's rows have. */
export function pairInputs(data: FitData): PairInputs {
  const { graph, images } = data;
  const { idRows } = modelInputs(data);
  const tableOf = new Int32Array(idRows).fill(-1);
  const placed = placedFeatures(graph);
  for (const [table, { feature, offset }] of placed.entries()) {
    tableOf.fill(table, offset, offset + feature.size);
    // A list is padded with its table's first id, which says nothing.
    if (feature.slots > 1) tableOf[offset] = -1;
  }
  const fixed = new Set(graph.fixed?.map(({ column }) => column));
  const singles = placed.filter(({ feature }) => feature.slots === 1 && !feature.columns.some((one) => fixed.has(one)));
  const vectors = images?.vectors ?? new Float32Array();
  return {
    tableOf,
    tables: placed.length,
    singles: new Map(singles.map(({ field, feature }) => [field, feature.size])),
    images: { units: images?.tower.units ?? 0, vectors },
  };
}

/** The means, as the weights of the model that says the same, but for crosses. */
export function pairWeights(
  { images, train }: FitData,
  { bias, wide, factors }: PairBeliefs,
  linear: Weights = new Map(),
): { readonly units: number; readonly weights: Weights } {
  const speaking = factors.filter(({ silent }) => !silent);
  const own = speaking.length === 0 ? factors.slice(0, 1) : speaking;
  const units = own.length;
  const idRows = wide.mean.length;
  const table = new Float32Array(idRows * units);
  for (const [unit, { ids }] of own.entries())
    for (let id = 0; id < idRows; id += 1) table[id * units + unit] = ids.mean[id]!;
  const weights = new Map<string, Float32Array>([
    ...linear,
    ['wide.table', Float32Array.from(wide.mean)],
    ['logit.bias', Float32Array.of(bias)],
    ['embedding.table', table],
    ['pairs.logit.kernel', new Float32Array(units).fill(1)],
    ['pairs.logit.bias', new Float32Array(1)],
  ]);
  if (images !== undefined && train.fields > 0) {
    const kernel = new Float32Array(images.tower.units * units);
    for (const [unit, { image }] of own.entries())
      for (let at = 0; at < image.length; at += 1) kernel[at * units + unit] = image[at]!;
    weights.set('pairs.image.kernel', kernel);
    weights.set('pairs.image.bias', new Float32Array(units));
  }
  return { units, weights };
}

/** Whether a model's weights, or those of a part that a prefix names, are of {@link pairWeights}: products count 1 each, which no step of an optimizer leaves so. */
export function areFittedPairs(weights: Weights, prefix: string): boolean {
  return weights.get(`${prefix}pairs.logit.kernel`)?.every((factor) => factor === 1) === true;
}

/** The columns whose feature gives the id at a place of a row. */
export function columnsAt(graph: TransformGraph, place: number): string {
  return placedFeatures(graph)
    .filter(({ field }) => field === place)
    .map(({ feature }) => feature.columns.join(' and '))
    .join();
}
