import type { ingestion } from '@adstocrat/schemas';
import type { Metadata, SpanRecord } from '@adstocrat/metadata';
import { serverStream, unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { IngestRequest, OnProgress } from '../ingest-span.ts';

export interface IngestionActions {
  ingest(
    request: IngestRequest,
    onProgress: OnProgress,
  ): Promise<{ readonly span: SpanRecord; readonly alreadyThere: boolean }>;
  infer(request: { readonly dataUri: string; readonly label: string; readonly name: string }): Promise<string>;
}

/** Progress messages of one step are at least this far apart. */
const everyMs = 200;

/** The gRPC API of ingestion. */
export function ingestionRoutes(
  actions: IngestionActions,
  metadata: Metadata,
  logger: Logger,
): ingestion.IngestionServiceServer {
  return {
    ingestSpan: serverStream<ingestion.IngestSpanRequest, ingestion.IngestSpanResponse>(logger, (request) =>
      ingest(actions, request),
    ),
    inferTask: unary<ingestion.InferTaskRequest, ingestion.InferTaskResponse>(logger, async (request) => ({
      taskYaml: await actions.infer(request),
    })),
    listSpans: unary<ingestion.ListSpansRequest, ingestion.ListSpansResponse>(logger, async ({ task }) => ({
      spans: (await metadata.listSpans(task)).map((span) => spanMessage(span, true)),
    })),
  };
}

async function* ingest(
  actions: IngestionActions,
  request: IngestRequest,
): AsyncGenerator<ingestion.IngestSpanResponse> {
  const queue: ingestion.Progress[] = [];
  let wake: () => void = () => undefined;
  let [lastStep, lastMs] = ['', 0];
  const onProgress: OnProgress = (step, done, total, unit) => {
    const now = Date.now();
    if (step === lastStep && done < total && now - lastMs < everyMs) return;
    [lastStep, lastMs] = [step, now];
    queue.push({ step, done, total, unit });
    wake();
  };
  let finished = false;
  const result = actions.ingest(request, onProgress).finally(() => {
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
    ready,
    alreadyThere,
  };
}
