/** How often each category of one feature occurred in one span. Counts may be weighted. */
export type Histogram = ReadonlyMap<string, number>;

/**
 * Jensen–Shannon divergence between two categorical histograms.
 *
 * - Shapes: each map is category → count. Keys may differ; a missing category counts as 0.
 * - Units: counts in, bits out. 0 = same proportions, 1 = no category in common.
 * - Throws `RangeError` if a count is negative or not finite, or if a side holds no mass.
 * - Source: J. Lin, "Divergence Measures Based on the Shannon Entropy", IEEE Transactions on
 *   Information Theory 37(1), 1991. Base 2, as in TFDV, so thresholds carry over unchanged.
 */
export function jensenShannonBits(baseline: Histogram, current: Histogram): number {
  const baselineMass = mass(baseline, 'baseline');
  const currentMass = mass(current, 'current');
  let divergence = 0;
  for (const category of new Set([...baseline.keys(), ...current.keys()])) {
    const p = (baseline.get(category) ?? 0) / baselineMass;
    const q = (current.get(category) ?? 0) / currentMass;
    const middle = (p + q) / 2;
    if (p > 0) divergence += (p / 2) * Math.log2(p / middle);
    if (q > 0) divergence += (q / 2) * Math.log2(q / middle);
  }
  // Rounding can leave the unit interval by a few ulps, and callers compare with 0 and 1.
  return Math.min(1, Math.max(0, divergence));
}

function mass(histogram: Histogram, side: string): number {
  let sum = 0;
  for (const [category, count] of histogram) {
    if (!(count >= 0 && count < Infinity)) {
      throw new RangeError(`${side} count of "${category}" must be finite and >= 0, got ${count}`);
    }
    sum += count;
  }
  if (sum === 0) throw new RangeError(`${side} histogram holds no examples`);
  return sum;
}
