import { PermanentFailure, TransientFailure } from './event-bus.ts';

/** What a failure is: not the event's fault, never to be handled, or not known. */
export type FailureKind = 'transient' | 'permanent' | 'unknown';

/** Judges by the first error in the chain of causes that says what it is. */
export function failureKind(error: unknown): FailureKind {
  for (const one of chainOf(error)) {
    if (one instanceof PermanentFailure) return 'permanent';
    if (one instanceof TransientFailure || speaksOfConnection(one)) return 'transient';
  }
  return 'unknown';
}

/**
 * Whether an error, or one that caused it, is about a connection and not about what was asked: Node's sockets and fetch, SQLSTATE
 * classes 08 (connection), 53 (resources), 57P (shutdown), 57014 (statement timeout), 25006 (a standby, which takes no writes) and
 * 25P03 (cut off in a transaction), lock and serialisation conflicts,
 * pg's own, gRPC's UNAVAILABLE, kafkajs' retriable ones.
 */
export function isConnectionError(error: unknown): boolean {
  return chainOf(error).some(speaksOfConnection);
}

/** Name and message, causes included: for logs and dead letters. */
export function reasonOf(error: unknown): string {
  return chainOf(error)
    .map((one) => (one instanceof Error ? `${one.name}: ${one.message}` : String(one)))
    .filter((text, index, all) => index === 0 || !all[index - 1]?.includes(text))
    .slice(0, 4)
    .join(' ← ');
}

const nodeCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
]);
const sqlStates = /^(08...|53...|57P..|57014|25006|25P03|40001|40P01|55P03)$/;
const pgMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired$|Query read timeout$|Client has encountered a connection error)/;
const grpcUnavailable = 14;
const kafkaNames =
  /^KafkaJS(Connection|ConnectionClosed|RequestTimeout|BrokerNotFound|NoBrokerAvailable|NumberOfRetriesExceeded|LockTimeout|Timeout)/;

function speaksOfConnection(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, name, message, retriable } = error as Readonly<Record<string, unknown>>;
  if (code === grpcUnavailable) return true;
  if (typeof code === 'string' && (nodeCodes.has(code) || sqlStates.test(code))) return true;
  if (typeof message === 'string' && pgMessages.test(message)) return true;
  return typeof name === 'string' && name.startsWith('KafkaJS') && (retriable === true || kafkaNames.test(name));
}

/** An error, what it gathers and what caused it, outermost first; at most 20, since a chain may bite its own tail. */
function chainOf(error: unknown): readonly unknown[] {
  const chain = [error];
  for (let index = 0; index < chain.length && chain.length < 20; index += 1) {
    const one = chain[index];
    if (typeof one !== 'object' || one === null) continue;
    if (one instanceof AggregateError) chain.push(...(one.errors as unknown[]));
    const { cause } = one as { readonly cause?: unknown };
    if (cause !== undefined && !chain.includes(cause)) chain.push(cause);
  }
  return chain;
}
