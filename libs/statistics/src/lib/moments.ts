/** Moments of a numeric column over its present values, in a fixed order: the same for one thread and for many. */
export interface PartMoments {
  readonly count: number;
  readonly missing: number;
  readonly mean: number;
  /** Population standard deviation. */
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Moments over all parts; of one part its own, to the bit.
 *
 * Source: T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979.
 */
export function mergeMoments(parts: readonly PartMoments[]): PartMoments {
  const [first, ...rest] = parts.filter(({ count }) => count > 0);
  const missing = parts.reduce((sum, part) => sum + part.missing, 0);
  if (first === undefined) return { count: 0, missing, mean: NaN, deviation: NaN, min: NaN, max: NaN };
  const merged = rest.reduce((a, b) => {
    const count = a.count + b.count;
    const between = b.mean - a.mean;
    const squares =
      a.count * a.deviation ** 2 + b.count * b.deviation ** 2 + (between ** 2 * a.count * b.count) / count;
    return {
      count,
      missing,
      mean: a.mean + (between * b.count) / count,
      deviation: Math.sqrt(squares / count),
      min: Math.min(a.min, b.min),
      max: Math.max(a.max, b.max),
    };
  }, first);
  return { ...merged, missing };
}
