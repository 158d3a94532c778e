import { type Estimate, estimate } from './delong.ts';

/** The state of a {@link BinnedAuc}: plain data to store, one count a bin. */
export interface BinnedCounts {
  readonly positives: readonly number[];
  readonly negatives: readonly number[];
}

/**
 * AUC of a stream in constant memory, for monitors: scores in [0, 1] are counted in bins of equal width, and scores of one
 * bin count as tied. The error is at most half the chance that a positive and a negative fall into one bin. Two of the same
 * size merge by addition, in any order.
 */
export class BinnedAuc {
  readonly #positives: Float64Array;
  readonly #negatives: Float64Array;

  /** `bins` >= 1. */
  constructor(bins = 10_000, counts?: BinnedCounts) {
    if (!Number.isInteger(bins) || bins < 1) throw new RangeError(`bins must be an integer >= 1, got ${bins}`);
    if (counts && (counts.positives.length !== bins || counts.negatives.length !== bins)) {
      throw new RangeError(
        `counts must have ${bins} bins, got ${counts.positives.length} and ${counts.negatives.length}`,
      );
    }
    this.#positives = counts ? Float64Array.from(counts.positives) : new Float64Array(bins);
    this.#negatives = counts ? Float64Array.from(counts.negatives) : new Float64Array(bins);
  }

  get bins(): number {
    return this.#positives.length;
  }

  add(score: number, label: 0 | 1, weight = 1): void {
    if (!(score >= 0 && score <= 1)) throw new RangeError(`score must lie in [0, 1], got ${score}`);
    const counts = label === 1 ? this.#positives : this.#negatives;
    const bin = Math.min(this.bins - 1, Math.floor(score * this.bins));
    counts[bin] = (counts[bin] as number) + weight;
  }

  merge(other: BinnedAuc): void {
    if (other.bins !== this.bins) throw new RangeError(`both need ${this.bins} bins, the other has ${other.bins}`);
    for (let bin = 0; bin < this.bins; bin++) {
      this.#positives[bin] = (this.#positives[bin] as number) + (other.#positives[bin] as number);
      this.#negatives[bin] = (this.#negatives[bin] as number) + (other.#negatives[bin] as number);
    }
  }

  /** In [0, 1]; NaN until both classes were seen. */
  auc(): number {
    let positives = 0;
    let negativesBelow = 0;
    let won = 0;
    for (let bin = 0; bin < this.bins; bin++) {
      const tied = this.#negatives[bin] as number;
      won += (this.#positives[bin] as number) * (negativesBelow + tied / 2);
      positives += this.#positives[bin] as number;
      negativesBelow += tied;
    }
    return won / (positives * negativesBelow);
  }

  /**
   * The AUC with DeLong's interval, as `aucEstimate` of the counted rows, rows of one bin tied. `level` in (0, 1). The interval is
   * NaN with fewer than two rows of either class.
   */
  estimate(level = 0.95): Estimate {
    const value = this.auc();
    const positives = total(this.#positives);
    const negatives = total(this.#negatives);
    let [positivesBelow, negativesBelow] = [0, 0];
    let [ofPositives, ofNegatives] = [0, 0];
    for (let bin = 0; bin < this.bins; bin++) {
      const positive = this.#positives[bin] as number;
      const negative = this.#negatives[bin] as number;
      // The share of negatives that this bin's positives score above, and of positives that score above its negatives.
      ofPositives += positive * ((negativesBelow + negative / 2) / negatives - value) ** 2;
      ofNegatives += negative * (1 - (positivesBelow + positive / 2) / positives - value) ** 2;
      positivesBelow += positive;
      negativesBelow += negative;
    }
    const variance = ofPositives / (positives - 1) / positives + ofNegatives / (negatives - 1) / negatives;
    return estimate(value, positives < 2 || negatives < 2 ? NaN : Math.sqrt(variance), level);
  }

  counts(): BinnedCounts {
    return { positives: [...this.#positives], negatives: [...this.#negatives] };
  }
}

function total(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
