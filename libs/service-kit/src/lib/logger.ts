import { type Logger, pino, type SerializedError, stdSerializers, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

/** Bytes that are held for a log that takes none; what comes on top is lost. */
const heldBytes = 1 << 20;

/**
 * JSON lines on stdout: one event a line, constant message, data in fields. `LOG_LEVEL` sets the level (default info). A log that
 * cannot be written, as on a full disk or with nobody reading, stops nothing: lines are lost until it can.
 */
export function createLogger(options: { readonly service: string; readonly level?: string }): Logger {
  const destination = pino.destination({ fd: 1, sync: true, maxLength: heldBytes });
  destination.on('error', () => undefined);
  // What Node.js and libraries write there themselves.
  for (const stream of [process.stdout, process.stderr])
    if (!stream.listeners('error').includes(lost)) stream.on('error', lost);
  return pino(
    {
      level: options.level ?? process.env['LOG_LEVEL'] ?? 'info',
      base: { service: options.service, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: errorInLog },
    },
    destination,
  );
}

/** What kind of error it is, its text and its stack, causes included. What else one carries may be what a caller or a row said. */
function errorInLog(error: unknown): unknown {
  return error instanceof Error ? { ...told(stdSerializers.err(error)), message: inWords(error) } : error;
}

/** An error's text and those of its causes, each unless it stands there already. */
function inWords(error: Error): string {
  const causes = new Set<unknown>([error]);
  let words = error.message;
  for (let { cause } = error; cause instanceof Error && !causes.has(cause); cause = cause.cause) {
    causes.add(cause);
    if (!words.includes(cause.message)) words += `: ${cause.message}`;
  }
  return words;
}

function told({ type, message, stack, code, aggregateErrors }: SerializedError): object {
  return { type, message, stack, code: code as unknown, errors: aggregateErrors?.map(told) };
}

const lost = (): void => undefined;
