import type { Producer } from 'kafkajs';
import type { EncodedEvent } from '@adstocrat/event-bus';

interface Waiting {
  readonly topic: string;
  readonly events: readonly EncodedEvent[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Most events in one send. */
const maxSend = 5000;

/**
 * Keeps one send in flight and lets callers that wait share the next one. kafkajs' idempotent producer counts its sequence
 * numbers when it sends, not when it is answered: with two sends in flight, an acknowledgement lost on the wire makes the
 * broker take the repetition of one for a duplicate of the other, and acknowledged events are gone.
 */
export class SerialProducer {
  readonly #producer: Producer;
  #waiting: Waiting[] = [];
  #sending: Promise<void> | undefined;

  constructor(producer: Producer) {
    this.#producer = producer;
  }

  /** Resolves when the broker has acknowledged the events. */
  send(topic: string, events: readonly EncodedEvent[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ topic, events, resolve, reject });
      this.#sending ??= this.#drain();
    });
  }

  /** Waits for what was handed over. */
  async idle(): Promise<void> {
    await this.#sending;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const share = this.#nextShare();
      const messages = share.flatMap(({ events }) =>
        events.map(({ key, headers, data }) => ({
          key,
          headers,
          value: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
        })),
      );
      try {
        await this.#producer.send({ topic: share[0]?.topic ?? '', acks: -1, messages });
        for (const { resolve } of share) resolve();
      } catch (error) {
        for (const { reject } of share) reject(error);
      }
    }
    this.#sending = undefined;
  }

  /** The longest-waiting caller and those behind it that send to the same topic. */
  #nextShare(): readonly Waiting[] {
    const topic = this.#waiting[0]?.topic;
    let [taken, events] = [0, 0];
    for (const waiting of this.#waiting) {
      if (waiting.topic !== topic || (taken > 0 && events + waiting.events.length > maxSend)) break;
      taken += 1;
      events += waiting.events.length;
    }
    return this.#waiting.splice(0, taken);
  }
}
