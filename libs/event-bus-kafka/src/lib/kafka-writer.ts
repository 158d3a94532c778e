import type { Producer } from 'kafkajs';
import { type EncodedEvent, EventRefused, isConnectionError, pause } from '@adstocrat/event-bus';
import { javaPartitioner } from './java-partitioner.ts';
import type { KafkaClient } from './kafka-client.ts';
import type { KafkaTopics } from './kafka-topics.ts';

const tooLarge = /^(MESSAGE_TOO_LARGE|RECORD_LIST_TOO_LARGE)$/;
/** Errors that no repetition cures. */
const final = /AUTHORIZATION_FAILED|SASLAuthentication|INVALID_TOPIC|UNSUPPORTED|INVALID_RECORD|INVALID_REQUIRED_ACKS/;

/**
 * Writes events, one send in flight. kafkajs' idempotent producer counts its sequence numbers when it sends, not when it is
 * answered: a send whose answer was lost must be repeated as it is until it is answered, or the broker takes the next one for its
 * repetition and acknowledged events are gone. A send that is given up therefore takes its producer with it.
 */
export class KafkaWriter {
  readonly #client: KafkaClient;
  readonly #topics: KafkaTopics;
  #producer: Promise<Producer> | undefined;

  constructor(client: KafkaClient, topics: KafkaTopics) {
    this.#client = client;
    this.#topics = topics;
  }

  /**
   * Resolves when the broker has acknowledged the events. Throws {@link EventRefused} for one that it never takes, by its place
   * behind `from`.
   */
  async write(topic: string, events: readonly EncodedEvent[], signal: AbortSignal, from = 0): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        await this.#topics.ready(topic);
        await this.#send(topic, events, signal);
        return;
      } catch (error) {
        const type = protocolErrorOf(error);
        if (tooLarge.test(type) && events.length > 1) {
          const middle = Math.ceil(events.length / 2);
          await this.write(topic, events.slice(0, middle), signal, from);
          await this.write(topic, events.slice(middle), signal, from + middle);
          return;
        }
        if (tooLarge.test(type))
          throw new EventRefused(from, `${topic}: the broker takes no event of ${events[0]?.data.length} bytes`, {
            cause: error,
          });
        if (!isConnectionError(error)) this.#giveUp();
        if (signal.aborted || final.test(type)) throw error;
        await pause(Math.min(1000, 50 * 2 ** tries), signal);
        if (signal.aborted) {
          this.#giveUp();
          throw error;
        }
      }
    }
  }

  async close(): Promise<void> {
    await this.#producer?.then((producer) => producer.disconnect()).catch(() => undefined);
  }

  async #send(topic: string, events: readonly EncodedEvent[], signal: AbortSignal): Promise<void> {
    this.#producer ??= this.#connect();
    const producer = await this.#producer;
    const messages = events.map(({ key, headers, data }) => ({
      key,
      headers,
      value: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    }));
    const sent = producer.send({ topic, acks: -1, messages });
    const done = new AbortController();
    const abandoned = Promise.withResolvers<never>();
    signal.addEventListener(
      'abort',
      () => {
        this.#giveUp();
        abandoned.reject(signal.reason);
      },
      { once: true, signal: done.signal },
    );
    try {
      await Promise.race([sent, abandoned.promise]);
    } finally {
      done.abort();
      sent.catch(() => undefined);
    }
  }

  #giveUp(): void {
    void this.#producer?.then((producer) => producer.disconnect()).catch(() => undefined);
    this.#producer = undefined;
  }

  async #connect(): Promise<Producer> {
    const retry = { retries: 3, initialRetryTime: 100, maxRetryTime: 1000 };
    const producer = this.#client.kafka(retry).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      // Java's: a key lies in the same partition whoever publishes it.
      createPartitioner: javaPartitioner,
      // After these the same send is repeated by `write`.
      retry,
    });
    try {
      await producer.connect();
    } catch (error) {
      this.#producer = undefined;
      throw error;
    }
    return producer;
  }
}

/** The broker's name for an error, or kafkajs' own one, wherever it is in the chain of causes. */
function protocolErrorOf(error: unknown): string {
  const { type, name, cause } = error as { readonly type?: string; readonly name?: string; readonly cause?: unknown };
  if (type !== undefined) return type;
  return cause === undefined || cause === error ? (name ?? '') : protocolErrorOf(cause);
}
