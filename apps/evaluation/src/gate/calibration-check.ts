import type { RowMetrics } from '@adstocrat/metrics';

/**
 * Whether the positives show that mean prediction ÷ mean label lies further than `tolerance` from 1. Counts of rare clicks
 * vary: a model that promises E positives sees N ~ Poisson(E), so N may leave the tolerated range [E ÷ (1 + t), E ÷ (1 − t)]
 * by 1.96 deviations of its nearer end before anything is shown. With many positives that is the plain |ratio − 1| > t.
 */
export function calibrationShownWorse(metrics: RowMetrics, tolerance: number): boolean {
  const promised = metrics.meanPrediction * metrics.rows;
  const fewest = promised / (1 + tolerance);
  const most = tolerance < 1 ? promised / (1 - tolerance) : Infinity;
  return metrics.positives < fewest - 1.96 * Math.sqrt(fewest) || metrics.positives > most + 1.96 * Math.sqrt(most);
}
