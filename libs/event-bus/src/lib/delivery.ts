import type { EncodedEvent } from './cloud-event.ts';
import { cutLetter, deadLetterOf } from './dead-letter.ts';
import type { DeliveryNotice } from './delivery-notice.ts';
import { deadLetterTopic, type EventHandler, type IncomingEvent, type Topic } from './event-bus.ts';
import { type FailureKind, failureKind, reasonOf } from './failure-kind.ts';
import { pause } from './pause.ts';

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
  readonly group: string;
  readonly maxAttempts: number;
  /**
   * Puts an event that nobody can handle aside, durably. Where that fails, the partition pauses; where it fails for good, a letter
   * without the event's bytes is tried, and then none: no event holds its partition up for ever.
   */
  readonly deadLetter: (topic: string, letter: EncodedEvent) => Promise<void>;
  /** Ends the pauses: what was not handled is delivered again later. */
  readonly signal: AbortSignal;
  /** See `SubscribeOptions`. */
  readonly dependenciesAnswer?: () => Promise<boolean>;
  readonly onDelivery?: (notice: DeliveryNotice) => void;
  /** Pause before attempt 2, doubled for each further one up to `maxPauseMs`. Default: 50 ms. */
  readonly firstPauseMs?: number;
  /** Default: 5000 ms. */
  readonly maxPauseMs?: number;
}

/**
 * Hands the events of one partition to a handler, in order, until each is handled or put aside. A failure that is not the events'
 * fault pauses the partition for as long as it lasts, told once when it begins and once when it ends. A batch that fails otherwise
 * is handed over again one event at a time, so that only the event at fault is put aside: at once where its bytes do not decode or
 * the failure is permanent, else after `maxAttempts`. Throws `signal.reason` when aborted and nothing else.
 */
export function deliver<T>(
  topic: Topic<T>,
  raw: readonly RawEvent[],
  handler: EventHandler<T>,
  options: DeliveryOptions,
): Promise<void> {
  return new Delivery(topic, handler, options).run(raw);
}

/** Longest wait for what the handler depends on to answer. */
const answerMs = 5000;

interface Decoded<T> {
  readonly raw: RawEvent;
  readonly incoming: IncomingEvent<T>;
}

class Delivery<T> {
  readonly #topic: Topic<T>;
  readonly #handler: EventHandler<T>;
  readonly #options: DeliveryOptions;
  #pausedSinceMs: number | undefined;

  constructor(topic: Topic<T>, handler: EventHandler<T>, options: DeliveryOptions) {
    this.#topic = topic;
    this.#handler = handler;
    this.#options = options;
  }

  async run(raw: readonly RawEvent[]): Promise<void> {
    const events: Decoded<T>[] = [];
    for (const one of raw) {
      try {
        const { data, ...envelope } = one;
        events.push({ raw: one, incoming: { ...envelope, event: this.#topic.decode(data) } });
      } catch (error) {
        await this.#putAside(one, `not a ${this.#topic.message}: ${reasonOf(error)}`, 1);
      }
    }
    const [first] = events;
    if (first === undefined) return;
    if (events.length > 1) {
      const failed = await this.#attempt(events);
      if (failed === undefined) return;
    }
    for (const event of events) await this.#deliverAlone(event);
  }

  async #deliverAlone(event: Decoded<T>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const failed = await this.#attempt([event]);
      if (failed === undefined) return;
      if (failed.kind === 'permanent' || attempt >= this.#options.maxAttempts) {
        await this.#putAside(event.raw, failed.reason, attempt);
        return;
      }
      await this.#pause(attempt - 1);
    }
  }

  /** Undefined once handled; else what failed, which is no transient failure: those are waited out. */
  async #attempt(events: readonly Decoded<T>[]): Promise<{ kind: FailureKind; reason: string } | undefined> {
    const batch = events.map(({ incoming }) => incoming);
    const { partition } = batch[0] as IncomingEvent<T>;
    for (let tries = 0; ; tries += 1) {
      this.#options.signal.throwIfAborted();
      try {
        await this.#handler(batch);
        this.#resume(partition);
        return undefined;
      } catch (error) {
        const kind = await this.#kindOf(error);
        if (kind !== 'transient') {
          this.#resume(partition);
          return { kind, reason: reasonOf(error) };
        }
        this.#say(partition, reasonOf(error));
        await this.#pause(tries);
      }
    }
  }

  async #kindOf(error: unknown): Promise<FailureKind> {
    const kind = failureKind(error);
    const { dependenciesAnswer } = this.#options;
    if (kind !== 'unknown' || dependenciesAnswer === undefined) return kind;
    // A question that fails or is not answered is an answer.
    const over = new AbortController();
    const answer = await Promise.race([
      dependenciesAnswer().catch(() => false),
      pause(answerMs, AbortSignal.any([this.#options.signal, over.signal])).then(() => false),
    ]);
    over.abort();
    return answer ? 'unknown' : 'transient';
  }

  async #putAside(event: RawEvent, reason: string, attempts: number): Promise<void> {
    const { partition, position, id } = event;
    const whole = deadLetterOf(event, { group: this.#options.group, reason, attempts });
    const letter = (await this.#send(event, whole))
      ? 'whole'
      : (await this.#send(event, cutLetter(whole)))
        ? 'cut'
        : 'refused';
    this.#resume(partition);
    this.#options.onDelivery?.({
      kind: 'dead-lettered',
      ...this.#where(partition),
      position,
      id,
      reason,
      attempts,
      letter,
    });
  }

  /** False where the bus never takes this letter; where it is away, waits for it. */
  async #send({ topic, partition }: RawEvent, letter: EncodedEvent): Promise<boolean> {
    for (let tries = 0; ; tries += 1) {
      this.#options.signal.throwIfAborted();
      try {
        await this.#options.deadLetter(deadLetterTopic(topic), letter);
        return true;
      } catch (error) {
        if (failureKind(error) === 'permanent') return false;
        this.#say(partition, `putting an event aside: ${reasonOf(error)}`);
        await this.#pause(tries);
      }
    }
  }

  #say(partition: number, reason: string): void {
    if (this.#pausedSinceMs !== undefined) return;
    this.#pausedSinceMs = Date.now();
    this.#options.onDelivery?.({ kind: 'paused', ...this.#where(partition), reason });
  }

  #resume(partition: number): void {
    if (this.#pausedSinceMs === undefined) return;
    const pausedMs = Date.now() - this.#pausedSinceMs;
    this.#pausedSinceMs = undefined;
    this.#options.onDelivery?.({ kind: 'resumed', ...this.#where(partition), pausedMs });
  }

  #where(partition: number): { topic: string; group: string; partition: number } {
    return { topic: this.#topic.name, group: this.#options.group, partition };
  }

  async #pause(pausesBefore: number): Promise<void> {
    const { firstPauseMs = 50, maxPauseMs = 5000, signal } = this.#options;
    await pause(Math.min(maxPauseMs, firstPauseMs * 2 ** Math.min(16, pausesBefore)), signal);
    signal.throwIfAborted();
  }
}
