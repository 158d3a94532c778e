import { type ClientHttp2Session, connect } from 'node:http2';
import { type ServiceDefinition, status } from '@grpc/grpc-js';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unary } from '../grpc-handlers.ts';
import { GrpcServer } from '../grpc-server.ts';
import { createLogger } from '../logger.ts';
import { NotFound } from '../service-error.ts';
import { frameOf } from './message-frames.ts';
import { RawCall } from './raw-call.ts';

const logger = createLogger({ service: 'spec', level: 'silent' });
const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
const same = (bytes: Buffer): Buffer => bytes;
const coding = { requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same };

describe('a traced call', () => {
  const exporter = new InMemorySpanExporter();
  const sdk = new NodeSDK({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  let server: GrpcServer;
  let session: ClientHttp2Session;

  beforeAll(async () => {
    sdk.start();
    server = new GrpcServer({ host: '127.0.0.1', port: 0, logger });
    const definition: ServiceDefinition = {
      trace: { path: '/spec.Traced/Trace', requestStream: false, responseStream: false, ...coding },
    };
    server.addService(definition, {
      trace: unary(logger, async (request: Buffer) => {
        await new Promise(setImmediate);
        if (String(request) === 'fail') throw new NotFound('it is not here');
        return Buffer.from(trace.getActiveSpan()?.spanContext().traceId ?? 'none');
      }),
    });
    await server.start();
    session = connect(`http://127.0.0.1:${server.port}`);
  });
  afterAll(async () => {
    session.close();
    await server.stop();
    await sdk.shutdown();
  });

  const call = async (text: string): Promise<string> => {
    exporter.reset();
    const traceparent = `00-${traceId}-${parentId}-01`;
    const { body } = await new RawCall(session, '/spec.Traced/Trace', { traceparent }).send(frameOf(Buffer.from(text)));
    await expect.poll(() => exporter.getFinishedSpans().length, { timeout: 240_000 }).toBe(1);
    return String(body.subarray(5));
  };

  it('belongs to the trace that its headers name, and so does what its handler does', async () => {
    expect(await call('')).toBe(traceId);
    const [span] = exporter.getFinishedSpans();
    expect(span).toMatchObject({
      name: 'spec.Traced/Trace',
      kind: SpanKind.SERVER,
      parentSpanContext: { traceId, spanId: parentId },
      attributes: {
        'rpc.system': 'grpc',
        'rpc.service': 'spec.Traced',
        'rpc.method': 'Trace',
        'rpc.grpc.status_code': status.OK,
      },
      status: { code: SpanStatusCode.UNSET },
    });
  });

  it('says how it failed', async () => {
    await call('fail');
    const [span] = exporter.getFinishedSpans();
    expect(span?.attributes['rpc.grpc.status_code']).toBe(status.NOT_FOUND);
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'it is not here' });
  });
});
