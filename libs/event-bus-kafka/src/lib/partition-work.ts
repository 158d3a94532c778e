import type { KafkaMessage } from 'kafkajs';
import {
  deliver,
  type DeliveryNotice,
  type DeliveryOptions,
  type EventHandler,
  type RawEvent,
  type SubscribeOptions,
  type Topic,
  untilAnswered,
} from '@adstocrat/event-bus';
import { rawEvent } from './raw-event.ts';

/** What all partitions of a subscription have in common. */
export interface Wiring<T> {
  readonly topic: Topic<T>;
  readonly options: SubscribeOptions;
  readonly handler: EventHandler<T>;
  readonly deadLetter: DeliveryOptions['deadLetter'];
  readonly onDelivery?: (notice: DeliveryNotice) => void;
  /** Keeps the offset of the next event. */
  readonly commit: (partition: number, offset: bigint) => Promise<void>;
}

/** One partition, from its assignment until it is taken away: its batches one after another, each kept once it is handled. */
export class PartitionWork<T> {
  readonly #wiring: Wiring<T>;
  readonly #partition: number;
  readonly #stop = new AbortController();
  #chain: Promise<void>;
  #waiting = 0;
  #newestMs = 0;
  #saidMs = 0;
  /** Offset of the next event, where it is known. Everything before it is handled and kept. */
  next: bigint | undefined;
  /** Aborted when a pause begins: the dependency is away, and siblings should not wait for it. */
  #paused = new AbortController();

  /** Begins when `before`, this partition's work of an earlier assignment, is over. */
  constructor(wiring: Wiring<T>, partition: number, before: Promise<void>) {
    this.#wiring = wiring;
    this.#partition = partition;
    this.#chain = before;
  }

  get busy(): boolean {
    return this.#waiting > 0;
  }

  get paused(): AbortSignal {
    return this.#paused.signal;
  }

  /** Resolves when the messages are handled and kept, or the work is stopped. Never throws. */
  handle(messages: readonly KafkaMessage[]): Promise<void> {
    this.#waiting += 1;
    this.#chain = this.#chain
      .then(() => this.#work(messages))
      .finally(() => {
        this.#waiting -= 1;
      });
    return this.#chain;
  }

  /** Ends the pauses and waits for the handler and its commit. */
  stop(): Promise<void> {
    this.#stop.abort(new Error(`partition ${this.#partition} of ${this.#wiring.topic.name} is given back`));
    return this.#chain;
  }

  async sayReadUntil(readUntilMs: number): Promise<void> {
    this.#saidMs = Math.max(this.#saidMs, readUntilMs);
    // One that is not taken is said again, with a later time, within a second.
    await this.#wiring.options.onReadUntil?.(this.#partition, this.#saidMs).catch(() => undefined);
  }

  async #work(messages: readonly KafkaMessage[]): Promise<void> {
    const { options, topic } = this.#wiring;
    const size = options.maxBatch ?? 500;
    for (let start = 0; start < messages.length; start += size) {
      const events = messages
        .slice(start, start + size)
        .map((message) => rawEvent(topic.name, this.#partition, message));
      if (!(await this.#deliver(withoutRepetitions(this.#inOrder(events))))) return;
      const next = BigInt(events.at(-1)?.position ?? 0) + 1n;
      const kept = await untilAnswered(async () => {
        await this.#wiring.commit(this.#partition, next);
        return true;
      }, this.#stop.signal);
      if (kept === undefined) return;
      this.next = next;
      await this.sayReadUntil(this.#newestMs);
    }
  }

  /** False where the work is stopped. */
  async #deliver(events: readonly RawEvent[]): Promise<boolean> {
    const { options, topic, handler, deadLetter, onDelivery } = this.#wiring;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await deliver(topic, events, handler, {
          group: options.group,
          maxAttempts: options.maxAttempts ?? 5,
          signal,
          deadLetter,
          onDelivery: (notice) => {
            if (notice.kind === 'paused') this.#paused.abort();
            if (notice.kind === 'resumed') this.#paused = new AbortController();
            onDelivery?.(notice);
          },
          ...(options.dependenciesAnswer === undefined ? {} : { dependenciesAnswer: options.dependenciesAnswer }),
        });
        return true;
      } catch {
        // Only an abort ends a delivery.
      }
    }
    return false;
  }

  /** A broker's clock may be set back, or run behind this machine's; what was said of a partition must hold. */
  #inOrder(events: readonly RawEvent[]): readonly RawEvent[] {
    return events.map((event) => {
      this.#newestMs = Math.max(this.#newestMs, this.#saidMs, event.appendedMs);
      return event.appendedMs === this.#newestMs ? event : { ...event, appendedMs: this.#newestMs };
    });
  }
}

/** An id twice in one batch is one event. Across batches the consumer drops repetitions where it commits their effect. */
function withoutRepetitions(events: readonly RawEvent[]): readonly RawEvent[] {
  const seen = new Set<string>();
  return events.filter(({ id }) => !seen.has(id) && seen.add(id));
}
