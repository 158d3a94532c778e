import { auc } from '@adstocrat/metrics';

/** What scores are worth where the true probabilities are known: the figures that endless labels would give. */
export interface ExpectedQuality {
  readonly logLoss: number;
  readonly auc: number;
}

export function expectedQuality(scores: Float64Array, probabilities: Float64Array): ExpectedQuality {
  const rows = scores.length;
  const losses = expectedLosses(scores, probabilities);
  // Each row counts as a positive with its probability, and as a negative with the rest.
  const twice = new Float64Array(rows * 2);
  twice.set(scores);
  twice.set(scores, rows);
  const labels = new Float64Array(rows * 2).fill(1, 0, rows);
  const weights = Float64Array.from({ length: rows * 2 }, (_, at) =>
    at < rows ? probabilities[at]! : 1 - probabilities[at - rows]!,
  );
  return { logLoss: mean(losses), auc: auc({ scores: twice, labels, weights }) };
}

/** Mean of a − b over rows by expected log-loss, and its standard error. */
export function expectedDifference(
  a: Float64Array,
  b: Float64Array,
  probabilities: Float64Array,
): { readonly mean: number; readonly standardError: number } {
  const [first, second] = [expectedLosses(a, probabilities), expectedLosses(b, probabilities)];
  const differences = first.map((loss, row) => loss - second[row]!);
  const middle = mean(differences);
  const variance = differences.reduce((sum, one) => sum + (one - middle) ** 2, 0) / Math.max(1, differences.length - 1);
  return { mean: middle, standardError: Math.sqrt(variance / differences.length) };
}

function expectedLosses(scores: Float64Array, probabilities: Float64Array): Float64Array {
  return scores.map((score, row) => {
    const [p, s] = [probabilities[row]!, Math.min(1 - 1e-7, Math.max(1e-7, score))];
    return -p * Math.log(s) - (1 - p) * Math.log1p(-s);
  });
}

function mean(values: Float64Array): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}
