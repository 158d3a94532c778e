import { Metadata } from '@grpc/grpc-js';
import type { ServedCall } from './served-call.ts';

/** What a handler of one request and one answer knows of its call: what it uses of grpc-js's `ServerUnaryCall`. */
export class UnaryCall {
  readonly served: ServedCall;
  readonly request: unknown;

  constructor(served: ServedCall, request: unknown) {
    this.served = served;
    this.request = request;
  }

  get cancelled(): boolean {
    return this.served.cancelled;
  }

  get metadata(): Metadata {
    return Metadata.fromHttp2Headers(this.served.headers);
  }

  getPath(): string {
    return this.served.path;
  }

  getDeadline(): number {
    return this.served.deadlineMs;
  }

  sendMetadata(metadata: Metadata): void {
    this.served.begin(metadata.toHttp2Headers());
  }
}
