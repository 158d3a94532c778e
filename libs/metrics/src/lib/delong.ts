import { normalQuantile } from './normal-quantile.ts';
import { checkScoredRows } from './scored-rows.ts';
import type { ScoredRows } from './scored-rows.ts';

/** An estimate with a two-sided interval. The interval is NaN where there are too few rows for one. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number;
  readonly low: number;
  readonly high: number;
}

/** Two models' scores of the same rows. */
export interface PairedScores {
  readonly candidate: ArrayLike<number>;
  readonly baseline: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

/**
 * AUC with DeLong's interval (DeLong, DeLong & Clarke-Pearson 1988), unweighted, in O(n log n). `level` in (0, 1).
 * The interval is NaN with fewer than two rows of either class.
 */
export function aucEstimate(rows: Omit<ScoredRows, 'weights'>, level = 0.95): Estimate {
  checkScoredRows(rows);
  const { positives, negatives } = placements(rows.scores, rows.labels);
  return estimate(
    mean(positives),
    Math.sqrt(variance(positives) / positives.length + variance(negatives) / negatives.length),
    level,
  );
}

/**
 * Candidate's AUC minus the baseline's, with DeLong's interval for correlated curves: both models scored the same rows,
 * so what the rows have in common cancels. Models that rank alike give 0 with an interval of no width.
 */
export function aucDifference(rows: PairedScores, level = 0.95): Estimate {
  checkScoredRows({ scores: rows.candidate, labels: rows.labels }, 'candidate score');
  checkScoredRows({ scores: rows.baseline, labels: rows.labels }, 'baseline score');
  const candidate = placements(rows.candidate, rows.labels);
  const baseline = placements(rows.baseline, rows.labels);
  const positives = candidate.positives.map((value, i) => value - (baseline.positives[i] as number));
  const negatives = candidate.negatives.map((value, i) => value - (baseline.negatives[i] as number));
  return estimate(
    mean(positives),
    Math.sqrt(variance(positives) / positives.length + variance(negatives) / negatives.length),
    level,
  );
}

/** An estimate's symmetric normal interval. */
export function estimate(value: number, standardError: number, level: number): Estimate {
  if (!(level > 0 && level < 1)) throw new RangeError(`level must lie in (0, 1), got ${level}`);
  const halfWidth = normalQuantile((1 + level) / 2) * standardError;
  return { value, standardError, low: value - halfWidth, high: value + halfWidth };
}

/**
 * DeLong's structural components. For each positive: the share of negatives it scores above; for each negative: the share
 * of positives that score above it. Ties count half. Both in row order.
 */
function placements(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
): { readonly positives: Float64Array; readonly negatives: Float64Array } {
  const positiveScores = scoresOf(scores, labels, 1);
  const negativeScores = scoresOf(scores, labels, 0);
  const sortedPositives = positiveScores.toSorted();
  const sortedNegatives = negativeScores.toSorted();
  return {
    positives: positiveScores.map((score) => below(sortedNegatives, score) / sortedNegatives.length),
    negatives: negativeScores.map((score) => 1 - below(sortedPositives, score) / sortedPositives.length),
  };
}

function scoresOf(scores: ArrayLike<number>, labels: ArrayLike<number>, label: number): Float64Array {
  let count = 0;
  for (let row = 0; row < labels.length; row++) if (labels[row] === label) count++;
  const picked = new Float64Array(count);
  for (let row = 0, i = 0; row < labels.length; row++) if (labels[row] === label) picked[i++] = scores[row] as number;
  return picked;
}

/** How many sorted values lie below `score`, those equal to it counting half. */
function below(sorted: Float64Array, score: number): number {
  return (firstNot(sorted, (value) => value < score) + firstNot(sorted, (value) => value <= score)) / 2;
}

function firstNot(sorted: Float64Array, holds: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Sample variance; NaN for fewer than two values. */
function variance(values: Float64Array): number {
  if (values.length < 2) return NaN;
  const center = mean(values);
  let sum = 0;
  for (const value of values) sum += (value - center) ** 2;
  return sum / (values.length - 1);
}
