import { type FittedFeature, operationOf, placedFeatures, type TransformGraph } from '@adstocrat/transforms';

/** For each id of the graph now, the id of the graph before that stands for the same; −1 for one that is new. */
export function knownIds(before: TransformGraph, now: TransformGraph): Int32Array {
  const placed = placedFeatures(before);
  const places = placedFeatures(now);
  const rows = places.reduce((sum, { feature }) => sum + feature.size, 0);
  const known = new Int32Array(rows).fill(-1);
  for (const { feature, offset } of places) {
    const old = placed.find((one) => keyOf(one.feature) === keyOf(feature));
    if (old === undefined) continue;
    for (const [id, was] of sameIds(old.feature, feature).entries())
      if (was >= 0) known[offset + id] = old.offset + was;
  }
  return known;
}

const keyOf = ({ op, columns }: FittedFeature): string => JSON.stringify([op, columns]);

/** By what they name where the operation names its ids, by number where there are as many; else none but the missing one. */
function sameIds(before: FittedFeature, now: FittedFeature): readonly number[] {
  const [was, is] = [before, now].map(({ op, state }) => operationOf(op).names?.(state));
  if (was === undefined || is === undefined)
    return Array.from({ length: now.size }, (_, id) => (before.size === now.size || id === 0 ? id : -1));
  const ids = new Map(was.map((name, index) => [name, 1 + index]));
  const named = is.map((name) => ids.get(name) ?? -1);
  const old = before.unknown;
  // What no vocabulary names fell into some bucket before, and falls into some bucket now.
  const buckets = Array.from({ length: now.unknown?.count ?? 0 }, (_, bucket) =>
    old === undefined ? -1 : old.first + (bucket % old.count),
  );
  return [0, ...named, ...buckets];
}
