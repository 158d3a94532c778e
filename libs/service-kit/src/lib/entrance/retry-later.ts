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
