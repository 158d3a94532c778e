/** Bins of a number, at most: a bin is told in one byte. */
export const mostBins = 256;

/**
 * Ascending edges, at most one less than there are to be bins: a value is in the bin of as many edges as it is above. Each is a value that is there, and the
 * largest is none. Of more distinct values than bins, edges are quantiles.
 */
export function binEdges(values: Float32Array, bins: number): Float32Array {
  const sorted = values.toSorted();
  const distinct = sorted.filter((value, at) => at === 0 || value !== sorted[at - 1]);
  if (distinct.length <= bins) return distinct.slice(0, Math.max(0, distinct.length - 1));
  const edges: number[] = [];
  const last = sorted[sorted.length - 1]!;
  for (let bin = 1; bin < bins; bin += 1) {
    const edge = sorted[Math.floor((bin * sorted.length) / bins)]!;
    if (edge < last && edge !== edges.at(-1)) edges.push(edge);
  }
  return Float32Array.from(edges);
}

/** How many edges are below the value. */
export function binOf(edges: Float32Array, value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
