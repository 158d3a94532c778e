import { Metadata } from '@grpc/grpc-js';
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
export function retryMetadata(failure: ServiceFailure): Metadata {
  const metadata = new Metadata();
  if (failure instanceof RetryLater) metadata.set('grpc-retry-pushback-ms', String(failure.retryAfterMs));
  return metadata;
}
