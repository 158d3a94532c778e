import { register } from 'node:module';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { beforeTheEnd } from './end-of-process.ts';

/** Traces and metrics over OTLP, with gRPC and HTTP instrumented. `OTEL_*` variables configure the exporter. */
export function startTelemetry(): void {
  register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
  const sdk = new NodeSDK({
    serviceName: process.env['OTEL_SERVICE_NAME'] ?? 'adstocrat',
    instrumentations: [new GrpcInstrumentation(), new HttpInstrumentation()],
  });
  sdk.start();
  beforeTheEnd(() => sdk.shutdown());
}
