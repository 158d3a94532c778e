import type { SpanRecord } from '@adstocrat/metadata';

/** Spans that a retrain trains on, unless the task says otherwise. */
export const defaultRetrainSpans = 3;

/**
 * The spans to train on when `newest` is ready, ascending. A batch span stands alone: the drop it came from is the whole of
 * what the task's globs name, so an earlier batch span holds rows that this one holds too. A live span comes with the batch
 * span before it and the live spans between, at most `keep` in all, the batch span always among them.
 */
export function chooseSpans(
  spans: readonly SpanRecord[],
  newest: number,
  keep: number = defaultRetrainSpans,
): readonly SpanRecord[] {
  const upTo = spans.filter(({ span, ready }) => ready && span <= newest).toSorted((a, b) => a.span - b.span);
  const last = upTo.at(-1);
  if (last?.span !== newest) throw new RangeError(`span ${newest} is not recorded as ready`);
  if (last.kind === 'batch') return [last];
  const batch = upTo.filter(({ kind }) => kind === 'batch').at(-1);
  const live = upTo.filter(({ kind, span }) => kind === 'live' && span > (batch?.span ?? 0));
  return [...(batch === undefined ? [] : [batch]), ...live.slice(-Math.max(1, keep - (batch === undefined ? 0 : 1)))];
}
