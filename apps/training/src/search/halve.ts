import type { Trial } from './trial.ts';

/**
 * The `keep` best by calibrated log-loss that can go on, in the order they came. Source: K. Jamieson and A. Talwalkar,
 * "Non-stochastic Best Arm Identification and Hyperparameter Optimization", 2016.
 */
export function halve<T extends Pick<Trial, 'best' | 'failed'>>(trials: readonly T[], keep: number): readonly T[] {
  const kept = new Set(
    trials
      .filter(({ best, failed }) => best !== undefined && !failed)
      .toSorted((a, b) => (a.best?.loss ?? NaN) - (b.best?.loss ?? NaN))
      .slice(0, keep),
  );
  return trials.filter((trial) => kept.has(trial));
}
