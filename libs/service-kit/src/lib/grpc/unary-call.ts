import type { ServedCall } from './served-call.ts';

/** What a handler of one request and one answer knows of its call: `request` as grpc-js's `ServerUnaryCall` has it. */
export interface UnaryCall {
  readonly served: ServedCall;
  readonly request: unknown;
}
