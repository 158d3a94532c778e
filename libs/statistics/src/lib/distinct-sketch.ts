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
  const merged = new MergedDistinct();
  for (const part of parts) merged.add(part);
  return merged.value;
}

/** {@link mergeDistinct}, a part after the other. */
export class MergedDistinct {
  #parts = 0;
  #first: DistinctSketch = { distinct: 0, least: [] };
  /** Of all, one more than is kept: whether there are more must show. */
  #all: readonly number[] = [];
  #areWhole = true;
  #sum = 0;
  #most = 0;

  add(part: DistinctSketch): void {
    if (this.#parts === 0) this.#first = part;
    this.#parts += 1;
    this.#all = [...new Set([...this.#all, ...part.least])].sort((a, b) => a - b).slice(0, kept + 1);
    this.#areWhole &&= part.least.length === part.distinct;
    this.#sum += part.distinct;
    this.#most = Math.max(this.#most, part.distinct);
  }

  get value(): DistinctSketch {
    if (this.#parts === 1) return this.#first;
    const all = this.#all;
    const least = all.slice(0, kept);
    if (this.#areWhole && all.length <= kept) return { distinct: all.length, least };
    const last = least.at(-1) ?? 0;
    const about = least.length < kept ? all.length : Math.round((kept - 1) / (last / hashes));
    return { distinct: Math.min(this.#sum, Math.max(about, this.#most)), least };
  }
}
