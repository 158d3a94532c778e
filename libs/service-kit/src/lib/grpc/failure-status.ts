import { callFailure } from '../call-failure.ts';
import type { Logger } from '../logger.ts';
import { countRefused } from '../refused-calls.ts';
import { type CallStatus, statusOf } from './call-status.ts';

/** What a call ends with that failed: counted, and logged where it is nobody's business. */
export function failureStatus(error: unknown, logger: Logger, method: string): CallStatus {
  const failure = callFailure(error, method, logger);
  countRefused('grpc', failure.code);
  return statusOf(failure);
}
