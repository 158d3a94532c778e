/** Hashes that are kept. The deviation of an estimate is 1/√2046 of it, 2.2 %. */
const kept = 2048;
/** One more than the greatest hash. */
export const hashes = 2 ** 53;

/** How many different values there are, mergeable: the least of their hashes. */
export interface DistinctSketch {
  /** Exactly, or about where sketches were merged that hold not all hashes. */
  readonly distinct: number;
  /** Different hashes in [0, 2^53), ascending: all, or the {@link leastHashes} least. */
  readonly least: readonly number[];
}

export const leastHashes = kept;

/**
 * Different values over all parts: exact where each has at most 2048, else an estimate from how close to 0 the least hashes lie, never
 * less than the most of one part or more than the sum. One part's is its own.
 *
 * Source: Z. Bar-Yossef et al., "Counting Distinct Elements in a Data Stream", RANDOM 2002 (k minimum values).
 */
export function mergeDistinct(parts: readonly DistinctSketch[]): DistinctSketch {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const all = [...new Set(parts.flatMap(({ least }) => least))].sort((a, b) => a - b);
  const least = all.slice(0, kept);
  if (parts.every((part) => part.least.length === part.distinct) && all.length <= kept)
    return { distinct: all.length, least };
  const last = least.at(-1) ?? 0;
  const about = least.length < kept ? all.length : Math.round((kept - 1) / (last / hashes));
  const counts = parts.map(({ distinct }) => distinct);
  const sum = counts.reduce((total, count) => total + count, 0);
  return { distinct: Math.min(sum, Math.max(about, ...counts)), least };
}
