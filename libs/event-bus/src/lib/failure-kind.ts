import { PermanentFailure, TransientFailure } from './event-bus.ts';

export type FailureKind = 'permanent' | 'transient' | 'unknown';

/** Network errors of Node; SQLSTATEs of a server that is going, coming or full (classes 08 and 57P, 53300) or chose a victim (40). */
const connectionCode =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|08...|57P0.|53300|40001|40P01)$/;
/** What drivers say without a code. */
const connectionMessage =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout)/;

/** What is known of an error: {@link PermanentFailure}, a {@link TransientFailure} or an error of a connection, or neither. */
export function failureKind(error: unknown): FailureKind {
  if (error instanceof PermanentFailure) return 'permanent';
  return error instanceof TransientFailure || isConnectionError(error) ? 'transient' : 'unknown';
}

/** Whether a connection to a dependency broke or could not be made. Looks into `cause` and the errors of an `AggregateError`. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'string' && connectionCode.test(code)) return true;
  if (connectionMessage.test(error.message)) return true;
  if (error instanceof AggregateError && error.errors.some(isConnectionError)) return true;
  return error.cause !== undefined && isConnectionError(error.cause);
}
