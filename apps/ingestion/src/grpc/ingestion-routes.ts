import type { ingestion } from '@adstocrat/schemas';
import type { JobProgress } from '@adstocrat/jobs';
import type { SpanRecord, Spans } from '@adstocrat/metadata';
import { InvalidRequest } from '@adstocrat/service-kit';
import { serverStream, unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { IngestRequest } from '../batch/find-input.ts';
import type { Cleaned } from '../clean/clean-spans.ts';
import type { JudgedSpan, Keeping } from '../clean/plan-clean.ts';

export interface IngestionActions {
  ingest(
    request: IngestRequest,
    onProgress: (progress: JobProgress) => void,
    signal: AbortSignal,
  ): Promise<{ readonly span: SpanRecord; readonly alreadyThere: boolean }>;
  infer(
    request: { readonly dataUri: string; readonly label: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<{ readonly taskYaml: string; readonly notes: readonly string[] }>;
  clean(options: { readonly keeping: Keeping; readonly dryRun: boolean }): Promise<Cleaned>;
}

/** The gRPC API of ingestion. Signals abort when the client is gone. */
export function ingestionRoutes(
  actions: IngestionActions,
  spans: Spans,
  logger: Logger,
): ingestion.IngestionServiceServer {
  return {
    ingestSpan: serverStream<ingestion.IngestSpanRequest, ingestion.IngestSpanResponse>(logger, (request, { signal }) =>
      ingest(actions, request, signal),
    ),
    inferTask: unary<ingestion.InferTaskRequest, ingestion.InferTaskResponse>(logger, async (request, { signal }) => {
      const { taskYaml, notes } = await actions.infer(request, signal);
      return { taskYaml, notes: [...notes] };
    }),
    listSpans: unary<ingestion.ListSpansRequest, ingestion.ListSpansResponse>(logger, async ({ task }) => ({
      spans: (await spans.listSpans(task)).map((span) => spanMessage(span, true)),
    })),
    cleanSpans: unary<ingestion.CleanSpansRequest, ingestion.CleanSpansResponse>(logger, async (request) => {
      const { going, staying } = await actions.clean({ keeping: keepingOf(request), dryRun: request.dryRun });
      return { going: going.map(cleanedMessage), staying: staying.map(cleanedMessage) };
    }),
  };
}

async function* ingest(
  actions: IngestionActions,
  request: ingestion.IngestSpanRequest,
  signal: AbortSignal,
): AsyncGenerator<ingestion.IngestSpanResponse> {
  const queue: ingestion.Progress[] = [];
  let wake: () => void = () => undefined;
  const onProgress = ({ step, done, total, unit = '' }: JobProgress): void => {
    queue.push({ step, done, total, unit });
    wake();
  };
  let finished = false;
  const result = actions.ingest(request, onProgress, signal).finally(() => {
    finished = true;
    wake();
  });
  // The rejection is thrown below; until then it must not count as unhandled.
  result.catch(() => undefined);
  for (;;) {
    for (const progress of queue.splice(0)) yield { progress, span: undefined };
    if (finished) break;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  const { span, alreadyThere } = await result;
  yield { progress: undefined, span: spanMessage(span, alreadyThere) };
}

/** Throws {@link InvalidRequest} for a limit below 0. */
function keepingOf({ keepSpans, keepDays, maxBytes }: ingestion.CleanSpansRequest): Keeping {
  for (const [field, value] of Object.entries({ keep_spans: keepSpans, keep_days: keepDays, max_bytes: maxBytes }))
    if (!(value >= 0)) throw new InvalidRequest(`${field} must be >= 0, got ${value}`);
  return { spans: keepSpans, days: keepDays, bytes: maxBytes === 0 ? Infinity : maxBytes };
}

function cleanedMessage({ record: { task, span, uri }, bytes, why }: JudgedSpan): ingestion.CleanedSpan {
  return { task, span, uri, bytes, why };
}

function spanMessage(span: SpanRecord, alreadyThere: boolean): ingestion.Span {
  const { task, uri, digest, trainRows, validationRows, testRows, rejectedRows, images, rejectedImages, ready } = span;
  return {
    task,
    span: span.span,
    uri,
    digest,
    trainRows,
    validationRows,
    testRows,
    rejectedRows,
    images,
    rejectedImages,
    anomalies: [...span.anomalies],
    notes: [...span.notes],
    ready,
    alreadyThere,
  };
}
