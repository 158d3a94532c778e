import { PermanentFailure } from '@adstocrat/event-bus';
import type { SpanRecord, Spans } from '@adstocrat/metadata';

/** The records of a task's spans, in this order. Throws a `PermanentFailure` where one is gone. */
export async function recordedSpans(
  { task, spans }: { readonly task: string; readonly spans: readonly number[] },
  metadata: Spans,
): Promise<readonly SpanRecord[]> {
  const found: SpanRecord[] = [];
  for (const number of spans) {
    const span = await metadata.getSpan(task, number);
    if (span === undefined) throw new PermanentFailure(`span ${number} of "${task}" is not recorded`);
    found.push(span);
  }
  return found;
}
