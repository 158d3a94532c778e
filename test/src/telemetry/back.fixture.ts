// A gRPC service of the project's kit that answers with the headers its events would carry.
import { encodeEvent } from '@adstocrat/event-bus';
import { feedback, topics } from '@adstocrat/schemas';
import { GrpcServer, unary } from '@adstocrat/service-kit/grpc';
import { createLogger, injectTraceContext, withTraceContext } from '@adstocrat/service-kit/telemetry';

const logger = createLogger({ service: 'back', level: 'silent' });
const server = new GrpcServer({ host: '127.0.0.1', port: 0, logger });
const event = { retrainId: 'r', model: 'ads', task: 'ads', reason: '', eventTimeMs: 0, requestedAtMs: 0, untilMs: 0 };
server.addService(feedback.FeedbackServiceService, {
  requestRetrain: unary<feedback.RequestRetrainRequest, feedback.RequestRetrainResponse>(logger, async () => {
    const said = encodeEvent(topics.retrainRequested, { key: 'ads', source: 'back', event }, injectTraceContext());
    // As its consumer would handle it.
    const handled = await withTraceContext('handle', said.headers, () => Promise.resolve(injectTraceContext()));
    return { retrainId: JSON.stringify([said.headers['traceparent'], handled['traceparent']]) };
  }),
  getMonitors: () => undefined,
  watchAlerts: () => undefined,
});
await server.start();
console.log(server.port);
