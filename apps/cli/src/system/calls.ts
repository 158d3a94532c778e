import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientReadableStream, type ServiceError, status } from '@grpc/grpc-js';
import { ExitError } from '../exit-error.ts';

type Done<R> = (error: ServiceError | null, response: R) => void;

/** A unary call as a promise. An error ends the command with the service's own words. */
export function call<R>(start: (done: Done<R>) => unknown): Promise<R> {
  return new Promise((resolve, reject) => {
    start((error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
  });
}

/**
 * Asks again, every 300 ms, while the service cannot be reached: it is still starting, or is started again. That is safe where asking twice
 * is asking once, as it is of predictions with ids. What was in flight in a server that was killed is no failure of the system, an answer
 * that never comes is.
 */
export async function askedAgain<T>(
  ask: () => Promise<T>,
  { withinMs = 60_000 }: { readonly withinMs?: number } = {},
): Promise<T> {
  for (const until = Date.now() + withinMs; ; await sleep(300)) {
    try {
      return await ask();
    } catch (error) {
      if (!isLost(error) || Date.now() > until) throw error;
    }
  }
}

/** As {@link askedAgain}, of a unary call. An error ends the command with the service's own words. */
export async function callWhenUp<R>(
  start: (done: Done<R>) => unknown,
  options: { readonly withinMs?: number } = {},
): Promise<R> {
  try {
    return await askedAgain(() => call(start), options);
  } catch (error) {
    throw asExit(error);
  }
}

/**
 * Messages of a server stream, begun again while the service cannot be reached, for at most `withinMs` in a row.
 * The services make that safe: asking again continues, it does not repeat.
 */
export async function* watch<T>(
  open: () => ClientReadableStream<T>,
  options: { readonly withinMs?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<T> {
  const withinMs = options.withinMs ?? 90_000;
  let until = Date.now() + withinMs;
  for (;;) {
    const stream = open();
    const cancel = (): void => {
      stream.cancel();
    };
    options.signal?.addEventListener('abort', cancel, { once: true });
    try {
      for await (const message of stream as AsyncIterable<T>) {
        until = Date.now() + withinMs;
        yield message;
      }
      return;
    } catch (error) {
      if (options.signal?.aborted === true) return;
      if (!isLost(error) || Date.now() > until) throw asExit(error);
      await sleep(300);
    } finally {
      options.signal?.removeEventListener('abort', cancel);
      stream.cancel();
    }
  }
}

/** The service went away, or is not there yet. */
function isLost(error: unknown): boolean {
  const { code, details } = error as Partial<ServiceError>;
  return (
    code === status.UNAVAILABLE || (code === status.INTERNAL && /RST_STREAM|closed|connection/i.test(details ?? ''))
  );
}

function asExit(error: unknown): unknown {
  const { code, details } = error as Partial<ServiceError>;
  return code === undefined ? error : new ExitError(1, details ?? String(error), { cause: error });
}
