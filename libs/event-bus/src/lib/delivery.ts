import type { EventHandler, IncomingEvent, Topic } from './event-bus.ts';

/** An event as it came off the log, not yet decoded. */
export interface RawEvent {
  readonly id: string;
  readonly key: string;
  readonly topic: string;
  readonly partition: number;
  readonly position: string;
  /** The bus's clock when it became part of the log, Unix milliseconds. */
  readonly appendedMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
}

export interface DeliveryOptions {
  readonly maxAttempts: number;
  /** Puts an event that nobody can handle aside, durably. */
  readonly deadLetter: (event: RawEvent, reason: string, attempts: number) => Promise<void>;
  /** Aborts between attempts: what was not handled is delivered again later. */
  readonly signal: AbortSignal;
  /** Pause before attempt 2, doubled for each further one. Default: 50 ms. */
  readonly firstPauseMs?: number;
}

/**
 * Hands events to a handler, in order. A batch that fails is handed over again one event at a time, so that only the event
 * at fault ends in the dead-letter topic; bytes that do not decode go there at once. Resolves when every event is handled or
 * put aside. Throws `signal.reason` when aborted, and what `deadLetter` throws.
 */
export async function deliver<T>(
  topic: Topic<T>,
  raw: readonly RawEvent[],
  handler: EventHandler<T>,
  options: DeliveryOptions,
): Promise<void> {
  const events: { readonly raw: RawEvent; readonly incoming: IncomingEvent<T> }[] = [];
  for (const one of raw) {
    try {
      const { data, ...envelope } = one;
      events.push({ raw: one, incoming: { ...envelope, event: topic.decode(data) } });
    } catch (error) {
      await options.deadLetter(one, `not a ${topic.message}: ${messageOf(error)}`, 1);
    }
  }
  if (events.length === 0) return;
  options.signal.throwIfAborted();
  try {
    await handler(events.map(({ incoming }) => incoming));
    return;
  } catch (error) {
    if (events.length === 1 && options.maxAttempts <= 1 && events[0] !== undefined) {
      await options.deadLetter(events[0].raw, messageOf(error), 1);
      return;
    }
  }
  for (const event of events) await deliverAlone(event, handler, options, events.length === 1 ? 1 : 0);
}

async function deliverAlone<T>(
  event: { readonly raw: RawEvent; readonly incoming: IncomingEvent<T> },
  handler: EventHandler<T>,
  options: DeliveryOptions,
  attemptsBefore: number,
): Promise<void> {
  for (let attempt = attemptsBefore + 1; ; attempt += 1) {
    if (attempt > 1) await pause((options.firstPauseMs ?? 50) * 2 ** Math.min(8, attempt - 2), options.signal);
    options.signal.throwIfAborted();
    try {
      await handler([event.incoming]);
      return;
    } catch (error) {
      if (attempt >= options.maxAttempts) {
        await options.deadLetter(event.raw, messageOf(error), attempt);
        return;
      }
    }
  }
}

/** Headers of a dead letter: the event's own, and why it is one. */
export function deadLetterHeaders(event: RawEvent, reason: string, attempts: number): Record<string, string> {
  return {
    ...event.headers,
    dead_letter_reason: reason.slice(0, 1000),
    dead_letter_attempts: String(attempts),
    dead_letter_topic: event.topic,
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
