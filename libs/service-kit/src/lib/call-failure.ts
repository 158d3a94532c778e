import { randomUUID } from 'node:crypto';
import type { Logger } from './logger.ts';
import { diskFull } from './disk-full.ts';
import { ResourceExhausted, ServiceFailure, Unavailable } from './service-error.ts';
import { statusCode } from './status-code.ts';

/** Tells whether an error, or what caused it, says that a dependency is away. */
export type JudgesAbsence = (error: unknown) => boolean;

let saysAbsence: JudgesAbsence = () => false;

/**
 * From now on calls that fail on such errors are UNAVAILABLE in this process. What they look like is the drivers' business, so that
 * whoever opens the drivers says it, once.
 */
export function recogniseAbsence(judge: JudgesAbsence): void {
  saysAbsence = judge;
}

/**
 * What a caller is told of an error. A failure that is meant for callers is told as it is. One of a dependency that is away is
 * {@link Unavailable}, one of a full disk {@link ResourceExhausted}. Any other is INTERNAL under an id, which the log has too: what went wrong inside is nobody else's to read.
 */
export function callFailure(error: unknown, call: string, logger: Logger): ServiceFailure {
  if (error instanceof ServiceFailure) return error;
  if (saysAbsence(error)) {
    logger.warn({ err: error, call }, 'a call met a dependency that is away');
    return new Unavailable('a dependency of this service does not answer: try again later', { cause: error });
  }
  const errorId = randomUUID();
  logger.error({ err: error, call, errorId }, 'call failed');
  if (diskFull(error) !== undefined)
    return new ResourceExhausted(
      `a disk of this service is full: free some of it, or have WORK_DIR or ARTIFACTS_URL on a larger one, and ask again; its log has which under ${errorId}`,
      { cause: error },
    );
  return new ServiceFailure(statusCode.internal, `internal error ${errorId}: the service's log has it under this id`, {
    cause: error,
  });
}
