import { ascendingByScore, checkProbabilities } from './scored-rows.ts';
import type { ScoredRows } from './scored-rows.ts';

/** One bin of a calibration curve. */
export interface CalibrationBin {
  readonly weight: number;
  readonly meanPrediction: number;
  readonly meanLabel: number;
}

export interface CurveOptions {
  readonly bins?: number;
  readonly by?: 'width' | 'mass';
  /** The rows' numbers by score, where they are known. */
  readonly order?: Uint32Array;
}

/**
 * Rows binned by score, ascending, empty bins left out. `width`: bins of equal width over [0, 1] (a score on an edge
 * belongs to the upper bin, 1 to the last). `mass`: bins of equal row count; equal scores stay in one bin.
 */
export function calibrationCurve(rows: ScoredRows, options: CurveOptions = {}): readonly CalibrationBin[] {
  checkProbabilities(rows);
  const { bins = 10, by = 'width' } = options;
  if (!Number.isInteger(bins) || bins < 1) throw new RangeError(`bins must be an integer >= 1, got ${bins}`);
  const binOf =
    by === 'width'
      ? widthBins(rows.scores, bins)
      : massBins(rows.scores, bins, options.order ?? ascendingByScore(rows.scores));
  const weight = new Float64Array(bins);
  const predicted = new Float64Array(bins);
  const happened = new Float64Array(bins);
  for (let row = 0; row < binOf.length; row++) {
    const bin = binOf[row] as number;
    const rowWeight = rows.weights?.[row] ?? 1;
    weight[bin] = (weight[bin] as number) + rowWeight;
    predicted[bin] = (predicted[bin] as number) + rowWeight * (rows.scores[row] as number);
    happened[bin] = (happened[bin] as number) + rowWeight * (rows.labels[row] as number);
  }
  return [...weight.keys()]
    .filter((bin) => (weight[bin] as number) > 0)
    .map((bin) => {
      const total = weight[bin] as number;
      return {
        weight: total,
        meanPrediction: (predicted[bin] as number) / total,
        meanLabel: (happened[bin] as number) / total,
      };
    });
}

/** Expected calibration error: the mean over rows of |mean prediction − mean label| of the row's bin. In [0, 1]; NaN without rows. */
export function expectedCalibrationError(rows: ScoredRows, options: CurveOptions = {}): number {
  let sum = 0;
  let total = 0;
  for (const bin of calibrationCurve(rows, options)) {
    sum += bin.weight * Math.abs(bin.meanPrediction - bin.meanLabel);
    total += bin.weight;
  }
  return sum / total;
}

function widthBins(scores: ArrayLike<number>, bins: number): Uint32Array {
  return Uint32Array.from(scores, (score) => Math.min(bins - 1, Math.floor(score * bins)));
}

function massBins(scores: ArrayLike<number>, bins: number, order: Uint32Array): Uint32Array {
  const binOf = new Uint32Array(order.length);
  order.forEach((row, rank) => {
    const before = order[rank - 1];
    const tied = before !== undefined && scores[before] === scores[row];
    binOf[row] = tied ? (binOf[before] as number) : Math.floor((rank * bins) / order.length);
  });
  return binOf;
}
