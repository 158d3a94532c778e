import { canonicalText } from '@adstocrat/examples';
import type { ingestion } from '@adstocrat/schemas';
import type { JobProgress } from '@adstocrat/jobs';
import type { SpanRecord, Spans } from '@adstocrat/metadata';
import { InvalidRequest, Person } from '@adstocrat/service-kit';
import { serverStream, unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { IngestRequest } from '../batch/find-input.ts';
import type { InferredTask } from '../data/infer-task.ts';
import type { Cleaned } from '../clean/clean-spans.ts';
import type { Forgotten } from '../forget/forget.ts';
import type { CleanedImages } from '../images/clean-images.ts';
import type { OnProgress } from '../shards/shard-work.ts';
import type { JudgedSpan, Keeping } from '../clean/plan-clean.ts';

export interface IngestionActions {
  ingest(
    request: IngestRequest,
    onProgress: (progress: JobProgress) => void,
    signal: AbortSignal,
  ): Promise<{ readonly span: SpanRecord; readonly alreadyThere: boolean }>;
  infer(
    request: { readonly dataUri: string; readonly label: string; readonly name: string },
    onProgress: (progress: JobProgress) => void,
    signal: AbortSignal,
  ): Promise<InferredTask>;
  forget(
    person: Person,
    options: { readonly dryRun: boolean; readonly signal: AbortSignal; readonly onProgress: OnProgress },
  ): Promise<Forgotten>;
  clean(options: { readonly keeping: Keeping; readonly dryRun: boolean }): Promise<Cleaned>;
  cleanImages(options: {
    readonly dryRun: boolean;
    readonly without: readonly string[];
    readonly graceMs: number;
    readonly signal: AbortSignal;
    readonly onProgress: OnProgress;
  }): Promise<CleanedImages>;
}

/** The gRPC API of ingestion. Signals abort when the client is gone. */
export function ingestionRoutes(
  actions: IngestionActions,
  spans: Spans,
  logger: Logger,
): ingestion.IngestionServiceServer {
  return {
    ingestSpan: serverStream<ingestion.IngestSpanRequest, ingestion.IngestSpanResponse>(logger, (request, { signal }) =>
      withProgress(
        (onProgress) => actions.ingest(request, onProgress, signal),
        (progress): ingestion.IngestSpanResponse => ({ progress, span: undefined }),
        ({ span, alreadyThere }) => ({ progress: undefined, span: spanMessage(span, alreadyThere) }),
      ),
    ),
    lookAtData: serverStream<ingestion.LookAtDataRequest, ingestion.LookAtDataResponse>(logger, (request, { signal }) =>
      withProgress(
        (onProgress) => actions.infer(request, onProgress, signal),
        (progress): ingestion.LookAtDataResponse => ({ progress, task: undefined }),
        (task) => ({ progress: undefined, task: taskMessage(task) }),
      ),
    ),
    forget: serverStream<ingestion.ForgetRequest, ingestion.ForgetResponse>(logger, (request, { signal }) =>
      withProgress(
        (onProgress) => {
          const { column, forms, dryRun } = request;
          const said: OnProgress = (step, done, total, unit) => {
            onProgress({ step, done, total, unit });
          };
          return actions.forget(new Person(column, forms, canonicalText), { dryRun, signal, onProgress: said });
        },
        (progress): ingestion.ForgetResponse => ({ progress, result: undefined }),
        ({ places, witnesses }) => ({ progress: undefined, result: forgetMessage({ places, witnesses }) }),
      ),
    ),
    inferTask: unary<ingestion.InferTaskRequest, ingestion.InferTaskResponse>(logger, async (request, { signal }) =>
      taskMessage(await actions.infer(request, () => undefined, signal)),
    ),
    listSpans: unary<ingestion.ListSpansRequest, ingestion.ListSpansResponse>(logger, async ({ task }) => ({
      spans: (await spans.listSpans(task)).map((span) => spanMessage(span, true)),
    })),
    cleanSpans: unary<ingestion.CleanSpansRequest, ingestion.CleanSpansResponse>(logger, async (request) => {
      const { going, staying } = await actions.clean({ keeping: keepingOf(request), dryRun: request.dryRun });
      return { going: going.map(cleanedMessage), staying: staying.map(cleanedMessage) };
    }),
    cleanImages: serverStream<ingestion.CleanImagesRequest, ingestion.CleanImagesResponse>(
      logger,
      (request, { signal }) => {
        const { dryRun, keepDays, withoutSpans: without } = request;
        notBelowZero({ keep_days: keepDays });
        if (!Number.isFinite(keepDays * dayMs))
          throw new InvalidRequest(`keep_days must be a number of days, got ${keepDays}`);
        return withProgress(
          (onProgress) => {
            const said: OnProgress = (step, done, total, unit) => {
              onProgress({ step, done, total, unit });
            };
            return actions.cleanImages({ dryRun, without, graceMs: keepDays * dayMs, signal, onProgress: said });
          },
          (progress): ingestion.CleanImagesResponse => ({ progress, result: undefined }),
          (result) => ({ progress: undefined, result }),
        );
      },
    ),
  };
}

/** Does the work, telling what it is at and then what came of it. */
async function* withProgress<T, M>(
  work: (onProgress: (progress: JobProgress) => void) => Promise<T>,
  say: (progress: ingestion.Progress) => M,
  end: (result: T) => M,
): AsyncGenerator<M> {
  const queue: ingestion.Progress[] = [];
  let wake: () => void = () => undefined;
  const onProgress = ({ step, done, total, unit = '', rows = 0 }: JobProgress): void => {
    queue.push({ step, done, total, unit, rows });
    wake();
  };
  let finished = false;
  const result = work(onProgress).finally(() => {
    finished = true;
    wake();
  });
  // The rejection is thrown below; until then it must not count as unhandled.
  result.catch(() => undefined);
  for (;;) {
    for (const progress of queue.splice(0)) yield say(progress);
    if (finished) break;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  yield end(await result);
}

function forgetMessage({ places, witnesses }: Forgotten): ingestion.ForgetResult {
  return { places: [...places], witnesses: witnesses.map((one) => ({ ...one, files: [...one.files] })) };
}

function taskMessage({ taskYaml, notes, guesses }: InferredTask): ingestion.InferTaskResponse {
  return { taskYaml, notes: [...notes], guesses: [...guesses] };
}

const dayMs = 86_400_000;

/** Throws {@link InvalidRequest} for a limit below 0. */
function notBelowZero(limits: Readonly<Record<string, number>>): void {
  for (const [field, value] of Object.entries(limits))
    if (!(value >= 0)) throw new InvalidRequest(`${field} must be >= 0, got ${value}`);
}

function keepingOf({ keepSpans, keepDays, maxBytes }: ingestion.CleanSpansRequest): Keeping {
  notBelowZero({ keep_spans: keepSpans, keep_days: keepDays, max_bytes: maxBytes });
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
    setAside: [...(span.setAside ?? [])],
    guesses: [...(span.guesses ?? [])],
    ready,
    alreadyThere,
  };
}
