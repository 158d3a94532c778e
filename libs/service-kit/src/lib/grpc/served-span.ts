import type { IncomingHttpHeaders } from 'node:http2';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { statusCode } from '../status-code.ts';
import type { ServedCall } from './served-call.ts';

const tracer = trace.getTracer('adstocrat-grpc');

/** Runs what answers a call as a span of the trace that the call's headers name; the span ends with the call. */
export function withServedSpan(call: ServedCall, run: () => void): void {
  const parent = propagation.extract<IncomingHttpHeaders>(ROOT_CONTEXT, call.headers);
  const [, service = '', method = ''] = call.path.split('/');
  const span = tracer.startSpan(`${service}/${method}`, { kind: SpanKind.SERVER }, parent);
  if (span.isRecording()) {
    span.setAttributes({ 'rpc.system': 'grpc', 'rpc.service': service, 'rpc.method': method });
    call.onEnd((status) => {
      const code = status?.code ?? statusCode.cancelled;
      span.setAttribute('rpc.grpc.status_code', code);
      if (status !== undefined && code !== statusCode.ok)
        span.setStatus({ code: SpanStatusCode.ERROR, message: status.details ?? '' });
      span.end();
    });
  }
  context.with(trace.setSpan(parent, span), run);
}
