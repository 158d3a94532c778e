import type { SpanRecord } from '@adstocrat/metadata';

/** What is kept of each task, whoever needs it. */
export interface Keeping {
  /** Newest spans. */
  readonly spans: number;
  /** Wall days from the making of a span. */
  readonly days: number;
  /** Bytes of a task's spans together above which their age does not matter. */
  readonly bytes: number;
}

export interface SizedSpan {
  readonly record: SpanRecord;
  readonly bytes: number;
}

/** A span that is beyond what is kept. */
export interface JudgedSpan extends SizedSpan {
  /** Why it goes, or who needs it. */
  readonly why: string;
}

const dayMs = 86_400_000;

/**
 * Which of a task's spans go: older than what is kept, or the oldest where all together are too large; never one of the newest, never
 * one that is `needed`, by its number. Those that would go and are needed stay. Spans in any order, both answers oldest first.
 */
export function planClean(
  spans: readonly SizedSpan[],
  needed: ReadonlyMap<number, string>,
  keeping: Keeping,
  nowMs: number,
): { readonly going: readonly JudgedSpan[]; readonly staying: readonly JudgedSpan[] } {
  const inOrder = spans.toSorted((a, b) => a.record.span - b.record.span);
  const [going, staying]: [JudgedSpan[], JudgedSpan[]] = [[], []];
  let left = inOrder.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const one of inOrder.slice(0, Math.max(0, inOrder.length - keeping.spans))) {
    const days = Math.floor((nowMs - one.record.createdAtMs) / dayMs);
    const reasons = [
      ...(days > keeping.days ? [`made ${days} days ago, more than ${keeping.days}`] : []),
      ...(left > keeping.bytes ? [`the task's spans have ${left} bytes, more than ${keeping.bytes}`] : []),
    ];
    const [why] = reasons;
    if (why === undefined) continue;
    const by = needed.get(one.record.span);
    if (by !== undefined) {
      staying.push({ ...one, why: by });
      continue;
    }
    going.push({ ...one, why });
    left -= one.bytes;
  }
  return { going, staying };
}
