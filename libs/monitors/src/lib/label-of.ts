/** Something a person did about a scored row. Times: server time, Unix milliseconds. */
export interface Fact {
  readonly kind: 'impression' | 'click' | 'conversion';
  /** When it happened: what the client said, but never later than the server saw it. */
  readonly timeMs: number;
  /** When the server saw it: the bus's time. */
  readonly seenMs: number;
}

/** What a task says of its labels. Milliseconds of server time. */
export interface LabelRule {
  /** How long after it opened a click counts. */
  readonly windowMs: number;
  /** How long after the window's end a click may still be seen. */
  readonly graceMs: number;
  /** What opens the window: the prediction's answer, or its first impression. */
  readonly opens: 'prediction' | 'impression';
}

/** A prediction's final label, and what became of the clicks that were seen in time to be judged. */
export interface Label {
  /** When its window opened; undefined where it was never shown: it then has no label. */
  readonly openedMs: number | undefined;
  readonly clicked: boolean;
  /** Clicks within the window: the first makes the label, the others are its duplicates. */
  readonly inside: number;
  /** Clicks before the window opened, or of a row never shown: impossible. */
  readonly before: number;
  /** Clicks after the window, seen within the grace. */
  readonly after: number;
}

/**
 * The label of a prediction served at `servedMs`, from the facts about it, in any order. Final once everything appended up to
 * {@link finalAfterMs} has been read; facts seen later than that change nothing.
 */
export function labelOf(servedMs: number, facts: readonly Fact[], rule: LabelRule): Label {
  const openedMs = rule.opens === 'prediction' ? servedMs : firstShownMs(servedMs, facts, rule);
  const untilMs = (openedMs ?? servedMs) + rule.windowMs;
  let [inside, before, after] = [0, 0, 0];
  for (const { kind, timeMs, seenMs } of facts) {
    if (kind !== 'click' || seenMs > untilMs + rule.graceMs) continue;
    if (openedMs === undefined || timeMs < openedMs) before += 1;
    else if (timeMs > untilMs) after += 1;
    else inside += 1;
  }
  return { openedMs, clicked: inside > 0, inside, before, after };
}

/** Server time after which the label of a prediction opened at `openedMs` can't change. */
export function finalAfterMs(openedMs: number, rule: LabelRule): number {
  return openedMs + rule.windowMs + rule.graceMs;
}

/** Longest server time from a prediction to the end of its label. */
export function horizonMs(rule: LabelRule): number {
  return (rule.opens === 'impression' ? 2 : 1) * rule.windowMs + rule.graceMs;
}

function firstShownMs(servedMs: number, facts: readonly Fact[], rule: LabelRule): number | undefined {
  const untilMs = servedMs + rule.windowMs;
  const shown = facts.filter(
    ({ kind, timeMs, seenMs }) =>
      kind === 'impression' && timeMs >= servedMs && timeMs <= untilMs && seenMs <= untilMs + rule.graceMs,
  );
  return shown.length === 0 ? undefined : shown.reduce((first, { timeMs }) => Math.min(first, timeMs), Infinity);
}
