import { ServiceFailure } from '../service-error.ts';
import { statusCode } from '../status-code.ts';

/** More than is answered now: the same call may be made again after a while. */
export class RetryLater extends ServiceFailure {
  /** Milliseconds after which it may come again. */
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number) {
    super(statusCode.resourceExhausted, message);
    this.retryAfterMs = Math.ceil(retryAfterMs);
  }
}

/** What goes with a failure over gRPC: for how long its own retries wait (proposal A6). */
export function retryHeaders(failure: ServiceFailure): Readonly<Record<string, string>> {
  return failure instanceof RetryLater ? { 'grpc-retry-pushback-ms': String(failure.retryAfterMs) } : {};
}
