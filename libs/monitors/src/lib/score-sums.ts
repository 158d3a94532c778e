import { BinnedAuc, type Estimate, rowLogLoss } from '@adstocrat/metrics';

/** The state of {@link ScoreSums}: plain data to store. */
export interface ScoreSumsState {
  readonly rows: number;
  readonly positives: number;
  readonly scores: number;
  readonly logLoss: number;
  /** Bin, positives, negatives of each bin that holds rows. */
  readonly bins: readonly (readonly [number, number, number])[];
}

const bins = 4000;
/** Scores are told apart between these log-odds: 6e-7 and 1 − 6e-7. */
const extreme = 14.3;

/**
 * What the live figures of a window need, in constant memory: rows, clicks, sums of scores and of log-loss, and a histogram of
 * scores by label with 4,000 bins of equal width in log-odds, 0.7 % of the odds each. Two merge by addition, in any order. Only the
 * AUC is rounded: scores of one bin count as tied, an error of at most half the chance that a click and another row share a bin.
 */
export class ScoreSums {
  readonly #auc = new BinnedAuc(bins);
  rows = 0;
  positives = 0;
  #scores = 0;
  #logLoss = 0;

  /** `score` in [0, 1]. */
  add(score: number, clicked: boolean): void {
    this.#auc.add(place(score), clicked ? 1 : 0);
    this.rows += 1;
    this.positives += clicked ? 1 : 0;
    this.#scores += score;
    this.#logLoss += rowLogLoss(score, clicked ? 1 : 0);
  }

  merge(state: ScoreSumsState): void {
    this.rows += state.rows;
    this.positives += state.positives;
    this.#scores += state.scores;
    this.#logLoss += state.logLoss;
    for (const [bin, positives, negatives] of state.bins) {
      const middle = (bin + 0.5) / bins;
      this.#auc.add(middle, 1, positives);
      this.#auc.add(middle, 0, negatives);
    }
  }

  state(): ScoreSumsState {
    const { positives, negatives } = this.#auc.counts();
    const used: [number, number, number][] = [];
    for (const [bin, positive] of positives.entries()) {
      const negative = negatives[bin] ?? 0;
      if (positive > 0 || negative > 0) used.push([bin, positive, negative]);
    }
    return { rows: this.rows, positives: this.positives, scores: this.#scores, logLoss: this.#logLoss, bins: used };
  }

  /** AUC with its 95 % interval. NaN until both labels were seen. */
  auc(): Estimate {
    return this.#auc.estimate();
  }

  /** Mean log-loss, natural log. NaN without rows. */
  get logLoss(): number {
    return this.#logLoss / this.rows;
  }

  /** Mean score ÷ click rate. */
  get calibration(): number {
    return this.#scores / this.positives;
  }
}

/** Log-odds, scaled to [0, 1]. */
function place(score: number): number {
  const logOdds = Math.log(score) - Math.log1p(-score);
  return Math.min(1, Math.max(0, (logOdds + extreme) / (2 * extreme)));
}
