import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';

/** Headers of an event with the active trace's context added (W3C traceparent). */
export function injectTraceContext(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  const carrier = { ...headers };
  propagation.inject(context.active(), carrier);
  return carrier;
}

/** Runs a handler as a span of the trace that an event's headers name. */
export function withTraceContext<T>(
  name: string,
  headers: Readonly<Record<string, string>>,
  run: () => Promise<T>,
): Promise<T> {
  const parent = propagation.extract(ROOT_CONTEXT, headers);
  return trace.getTracer('adstocrat').startActiveSpan(name, { kind: SpanKind.CONSUMER }, parent, async (span) => {
    try {
      return await run();
    } catch (error) {
      span.recordException(error as Error);
      throw error;
    } finally {
      span.end();
    }
  });
}
