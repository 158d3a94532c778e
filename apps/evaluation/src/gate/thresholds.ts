import type { Task } from '@adstocrat/tasks';

/** The gate's limits, all set. docs/evaluation.md explains them. */
export interface Thresholds {
  readonly aucMargin: number;
  readonly minAuc: number;
  readonly calibrationError: number;
  readonly minPositives: number;
  readonly loneAuc: number;
}

export const defaultThresholds: Thresholds = {
  aucMargin: 0.01,
  minAuc: 0.5,
  calibrationError: 0.2,
  minPositives: 100,
  // A column may well be that good, where a rule decides: it is warned of, and held back where a task asks for it.
  loneAuc: 1,
};

/** The task's limits, with defaults for those it leaves out. */
export function thresholdsOf(thresholds: Task['thresholds']): Thresholds {
  return {
    aucMargin: thresholds.aucMargin ?? defaultThresholds.aucMargin,
    minAuc: thresholds.minAuc ?? defaultThresholds.minAuc,
    calibrationError: thresholds.calibrationError ?? defaultThresholds.calibrationError,
    minPositives: thresholds.minPositives ?? defaultThresholds.minPositives,
    loneAuc: thresholds.loneAuc ?? defaultThresholds.loneAuc,
  };
}
