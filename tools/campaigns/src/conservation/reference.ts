/** What the reference knows of a prediction: what the log says that the server did. System time, Unix milliseconds. */
export interface ServedPrediction {
  readonly model: string;
  readonly predictionId: string;
  readonly servedAtMs: number;
}

/** A click as it lies on the bus. System time, Unix milliseconds. */
export interface SeenClick {
  readonly predictionId: string;
  /** Empty: every model's. */
  readonly model: string;
  /** As the page said; 0: it did not. */
  readonly eventTimeMs: number;
  /** When the bus took it. */
  readonly seenMs: number;
}

export interface LabelRule {
  readonly windowMs: number;
  readonly graceMs: number;
}

/**
 * The label as the promise has it, in as few words as possible, and in none of the system's: a click of this prediction that
 * happened while the window was open, and that the server saw before the grace was over. No click happens after it was seen.
 */
export function referenceLabel(prediction: ServedPrediction, clicks: readonly SeenClick[], rule: LabelRule): boolean {
  const { model, predictionId, servedAtMs } = prediction;
  const endMs = servedAtMs + rule.windowMs;
  return clicks.some((click) => {
    if (click.predictionId !== predictionId) return false;
    if (click.model !== '' && click.model !== model) return false;
    const happenedMs = click.eventTimeMs === 0 ? click.seenMs : Math.min(click.eventTimeMs, click.seenMs);
    return happenedMs >= servedAtMs && happenedMs <= endMs && click.seenMs <= endMs + rule.graceMs;
  });
}
