/** What the decision to ask for a retrain depends on. Times: event time, Unix milliseconds. */
export interface RetrainSnapshot {
  readonly nowMs: number;
  /** Start of the first window of each alert that is open, of the version in service. */
  readonly openAlertOnsetsMs: readonly number[];
  /** When a retrain of this model was last asked for. */
  readonly lastRequestMs?: number;
  /** Labelled rows since the earliest open alert's onset. */
  readonly labelledSinceOnset: number;
}

export interface RetrainLimits {
  /** Event time between two requests, milliseconds. */
  readonly coolDownMs: number;
  /** Labelled rows after the onset that a new model needs to learn from. */
  readonly minLabelled: number;
}

export type RetrainDecision =
  | { readonly kind: 'request' }
  | { readonly kind: 'none'; readonly because: 'no alert' | 'cooling down' | 'too few labelled rows' };

/** Defaults of `thresholds.retrainCoolDown` and `thresholds.minLabelled`. */
export const defaultRetrainLimits: RetrainLimits = { coolDownMs: 86_400_000, minLabelled: 2000 };

/** Asks for a retrain when something is wrong, there is enough to learn from, and the last time is long enough ago. */
export function decideRetrain(snapshot: RetrainSnapshot, limits: RetrainLimits): RetrainDecision {
  if (snapshot.openAlertOnsetsMs.length === 0) return { kind: 'none', because: 'no alert' };
  if (snapshot.lastRequestMs !== undefined && snapshot.nowMs - snapshot.lastRequestMs < limits.coolDownMs)
    return { kind: 'none', because: 'cooling down' };
  if (snapshot.labelledSinceOnset < limits.minLabelled) return { kind: 'none', because: 'too few labelled rows' };
  return { kind: 'request' };
}
