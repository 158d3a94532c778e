import type { Transaction } from '@adstocrat/jobs';
import type { Metadata, SpanRecord } from '@adstocrat/metadata';
import { events, topics } from '@adstocrat/schemas';

/** Records a span, where it came from and that it is ready, in one transaction. */
export async function recordSpan(
  metadata: Metadata,
  transaction: Transaction,
  span: SpanRecord,
  of: {
    readonly inputs: readonly string[];
    readonly facts: Readonly<Record<string, unknown>>;
    readonly startedAtMs: number;
    readonly retrainId?: string;
  },
): Promise<void> {
  await metadata.putSpan(span, transaction);
  await metadata.putExecution(
    {
      id: `ingest/${span.task}/${span.span}`,
      kind: 'ingest',
      inputs: of.inputs,
      outputs: [span.uri],
      facts: of.facts,
      startedAtMs: of.startedAtMs,
      endedAtMs: Date.now(),
    },
    transaction,
  );
  await sayReady(transaction, span, `span.ready/${span.task}/${span.span}/${span.digest}`, of.retrainId);
}

/**
 * span.ready, where nothing is wrong with it. Said again for a new reason it is a new event, `id` tells which: what follows from it
 * is asked for anew where it failed.
 */
export async function sayReady(transaction: Transaction, span: SpanRecord, id: string, retrainId = ''): Promise<void> {
  if (!span.ready) return;
  const { task, uri, digest, trainRows, validationRows, testRows } = span;
  const kind = span.kind === 'live' ? events.SpanKind.SPAN_KIND_LIVE : events.SpanKind.SPAN_KIND_BATCH;
  const rows = { trainRows, validationRows, testRows };
  const event: events.SpanReady = { task, span: span.span, uri, digest, kind, ...rows, retrainId };
  await transaction.publish(topics.spanReady, [{ id, key: task, source: 'ingestion', event }]);
}
