/** Bins of a number, at most: a bin is told in one byte. */
export const mostBins = 256;

/**
 * Ascending edges, at most one less than there are to be bins: a value is in the bin of as many edges as it is above. Each is in the middle between two values that are
 * there, and more than `apart` from each other: what is computed elsewhere to the last bits but one falls on the same side. Of more distinct values than bins, edges are quantiles.
 */
export function binEdges(values: Float32Array, bins: number, apart = 0): Float32Array {
  const sorted = values.toSorted();
  const gaps: number[] = [];
  for (let at = 0; at + 1 < sorted.length; at += 1) if (sorted[at + 1]! - sorted[at]! > apart) gaps.push(at);
  if (gaps.length < bins) return Float32Array.from(gaps, (gap) => middleOf(sorted[gap]!, sorted[gap + 1]!));
  const chosen = new Set<number>();
  let next = 0;
  for (let bin = 1; bin < bins; bin += 1) {
    const quantile = Math.floor((bin * sorted.length) / bins);
    while (next < gaps.length && gaps[next]! < quantile) next += 1;
    const gap = gaps[next];
    if (gap !== undefined) chosen.add(gap);
  }
  return Float32Array.from(chosen, (gap) => middleOf(sorted[gap]!, sorted[gap + 1]!));
}

/** At least the lower one, and below the upper. */
function middleOf(lower: number, upper: number): number {
  const middle = Math.fround(lower + (upper - lower) / 2);
  return middle < upper ? middle : lower;
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
