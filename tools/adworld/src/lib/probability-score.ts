const bins = 16_384;
const least = -14;
const most = 6;

/** How well probabilities tell clicks from the rest. */
export interface Score {
  /** Area under the ROC curve, ties counted half. NaN without both outcomes. */
  readonly auc: number;
  /** Mean negative log-likelihood, natural logarithm. */
  readonly logLoss: number;
}

/**
 * Scores one predictor over any number of rows in fixed memory. The log-loss is exact; the AUC is that of logits
 * rounded to 1/819, in which predictions that close count as tied.
 */
export class ProbabilityScore {
  readonly #positive = new Float64Array(bins);
  readonly #negative = new Float64Array(bins);
  #loss = 0;
  #rows = 0;

  /** `outcome` is 0 or 1, or a probability: then the row counts as that much of a click. */
  add(prediction: number, outcome: number): void {
    const logit = Math.log(prediction / (1 - prediction));
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(((logit - least) / (most - least)) * bins)));
    this.#positive[bin] = this.#positive[bin]! + outcome;
    this.#negative[bin] = this.#negative[bin]! + (1 - outcome);
    this.#loss -= outcome * Math.log(prediction) + (1 - outcome) * Math.log(1 - prediction);
    this.#rows++;
  }

  get rows(): number {
    return this.#rows;
  }

  score(): Score {
    let negatives = 0;
    let positives = 0;
    let pairs = 0;
    for (let bin = 0; bin < bins; bin++) {
      const positive = this.#positive[bin]!;
      const negative = this.#negative[bin]!;
      pairs += positive * (negatives + negative / 2);
      negatives += negative;
      positives += positive;
    }
    return { auc: pairs / (positives * negatives), logLoss: this.#loss / this.#rows };
  }
}
