import {
  type DeliveryNotice,
  encodeEvent,
  type Erased,
  type EventBus,
  EventBusClosed,
  type EventHandler,
  type IncomingEvent,
  type OutgoingEvent,
  SendQueue,
  type SubscribeOptions,
  type Subscription,
  type Topic,
  within,
} from '@adstocrat/event-bus';
import type { KafkaAddress } from './kafka-address.ts';
import { KafkaClient } from './kafka-client.ts';
import { KafkaSubscription } from './kafka-subscription.ts';
import { KafkaTopics } from './kafka-topics.ts';
import { KafkaWriter } from './kafka-writer.ts';
import { scanTopic } from './scan-topic.ts';

export interface KafkaEventBusOptions extends KafkaAddress {
  readonly clientId: string;
  readonly traceHeaders?: () => Readonly<Record<string, string>>;
  /** Told of pauses and dead letters. */
  readonly onDelivery?: (notice: DeliveryNotice) => void;
}

/** One send: a broker takes 1 MiB for a partition with its defaults, and all of a send may go to one. */
const sendBounds = { maxEvents: 5000, maxBytes: 950_000 };

/** For one dead letter; after it the partition pauses and tries again. */
const deadLetterMs = 10_000;

/** {@link EventBus} on Apache Kafka by kafkajs. */
export class KafkaEventBus implements EventBus {
  readonly #options: KafkaEventBusOptions;
  readonly #client: KafkaClient;
  readonly #topics: KafkaTopics;
  readonly #writer: KafkaWriter;
  readonly #queue: SendQueue;
  readonly #subscriptions = new Set<Subscription>();
  #closed = false;

  constructor(options: KafkaEventBusOptions) {
    this.#options = options;
    this.#client = new KafkaClient(options, options.clientId);
    this.#topics = new KafkaTopics(this.#client, options.partitions ?? 4);
    this.#writer = new KafkaWriter(this.#client, this.#topics);
    this.#queue = new SendQueue({ write: (...write) => this.#writer.write(...write), ...sendBounds });
  }

  async publish<T>(
    topic: Topic<T>,
    events: readonly OutgoingEvent<NoInfer<T>>[],
    options: { readonly timeoutMs?: number } = {},
  ): Promise<void> {
    this.#assertOpen();
    const trace = this.#options.traceHeaders?.() ?? {};
    const encoded = events.map((event, index) => encodeEvent(topic, event, trace, index));
    await this.#queue.send(topic.name, encoded, options.timeoutMs ?? 30_000);
  }

  async subscribe<T>(topic: Topic<T>, options: SubscribeOptions, handler: EventHandler<T>): Promise<Subscription> {
    this.#assertOpen();
    await this.#topics.ready(topic.name);
    const groupId = groupOf(options.group, topic.name);
    if (options.from === 'latest') await this.#topics.beginAtEnd(topic.name, groupId);
    const { onDelivery } = this.#options;
    const member = new KafkaSubscription<T>(this.#client, this.#topics, groupId, {
      topic,
      options,
      handler,
      deadLetter: (name, letter) => this.#queue.send(name, [letter], deadLetterMs),
      ...(onDelivery === undefined ? {} : { onDelivery }),
    });
    await member.start();
    const subscription = {
      close: async () => {
        this.#subscriptions.delete(subscription);
        await member.close();
      },
    };
    this.#subscriptions.add(subscription);
    return subscription;
  }

  async partitions(topic: string): Promise<number> {
    this.#assertOpen();
    return (await this.#topics.bounds(topic)).length;
  }

  async lag(topic: string, group: string): Promise<number> {
    this.#assertOpen();
    const bounds = await this.#topics.bounds(topic);
    const kept = await this.#topics.kept(topic, groupOf(group, topic));
    let lag = 0n;
    for (const { partition, low, high } of bounds) {
      const next = kept.get(partition) ?? low;
      lag += high - (next > low ? next : low);
    }
    return Number(lag);
  }

  async *scan<T>(topic: Topic<T>): AsyncIterable<IncomingEvent<T>> {
    this.#assertOpen();
    for await (const { data, ...envelope } of scanTopic(this.#client, this.#topics, topic.name))
      yield { ...envelope, event: topic.decode(data) };
  }

  /** Counts them: Kafka changes nothing that it has taken. */
  async erase<T>(topic: Topic<T>, which: (event: T) => boolean): Promise<Erased> {
    let left = 0;
    for await (const { event } of this.scan(topic)) if (which(event)) left += 1;
    const why = left === 0 ? '' : 'Kafka changes nothing that it has taken: they go with the retention of their topic';
    return { erased: 0, left, why };
  }

  async ping(): Promise<void> {
    const once = this.#client.kafka({ retries: 0 }, { connectionTimeout: 2000, requestTimeout: 2000 });
    const admin = once.admin();
    try {
      await admin.connect();
      await admin.describeCluster();
    } finally {
      await admin.disconnect();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await within(5000, Promise.all([...this.#subscriptions].map((subscription) => subscription.close())));
    await this.#queue.close(1500);
    await within(1500, Promise.all([this.#writer.close(), this.#client.close()]));
    this.#client.cut();
  }

  #assertOpen(): void {
    if (this.#closed) throw new EventBusClosed('the event bus was closed');
  }
}

/**
 * A group of its own for each topic. Members of one Kafka group that take different topics are each given partitions of topics
 * that they do not read, and what lies in those is delivered to nobody.
 */
function groupOf(group: string, topic: string): string {
  return `${group}.${topic}`;
}
