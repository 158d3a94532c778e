import {
  type Consumer,
  type EachBatchPayload,
  type IHeaders,
  Kafka,
  type KafkaMessage,
  logLevel,
  Partitioners,
  type Producer,
} from 'kafkajs';
import {
  deadLetterHeaders,
  deadLetterTopic,
  deliver,
  encodeEvent,
  type EncodedEvent,
  type EventBus,
  EventBusClosed,
  type EventHandler,
  type OutgoingEvent,
  type RawEvent,
  type SubscribeOptions,
  type Subscription,
  type Topic,
} from '@adstocrat/event-bus';
import { SerialProducer } from './serial-producer.ts';

export interface KafkaEventBusOptions {
  /** host:port */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Of a topic that is made on first use. Default: 4. */
  readonly partitions?: number;
  readonly traceHeaders?: () => Readonly<Record<string, string>>;
}

/** {@link EventBus} on Apache Kafka by kafkajs. */
export class KafkaEventBus implements EventBus {
  readonly #options: KafkaEventBusOptions;
  readonly #kafka: Kafka;
  /** A client that does not try again: the retries of a client hold for its connections too, whatever an admin asks for. */
  readonly #pinging: Kafka;
  readonly #topics = new Map<string, Promise<void>>();
  readonly #subscriptions = new Set<Subscription>();
  #producer: Promise<{ readonly raw: Producer; readonly serial: SerialProducer }> | undefined;
  #closed = false;

  constructor(options: KafkaEventBusOptions) {
    this.#options = options;
    const { clientId } = options;
    const common = { clientId, brokers: [...options.brokers], logLevel: logLevel.NOTHING };
    this.#kafka = new Kafka({ ...common, retry: { retries: 8, initialRetryTime: 100, maxRetryTime: 2000 } });
    this.#pinging = new Kafka({ ...common, connectionTimeout: 2000, requestTimeout: 2000, retry: { retries: 0 } });
  }

  async publish<T>(topic: Topic<T>, events: readonly OutgoingEvent<T>[]): Promise<void> {
    const trace = this.#options.traceHeaders?.() ?? {};
    await this.#send(
      topic.name,
      events.map((event) => encodeEvent(topic, event, trace)),
    );
  }

  async subscribe<T>(topic: Topic<T>, options: SubscribeOptions, handler: EventHandler<T>): Promise<Subscription> {
    await this.#ready(topic.name);
    const groupId = groupOf(options.group, topic.name);
    if (options.from === 'latest') await this.#beginAtEnd(topic.name, groupId);
    const stop = new AbortController();
    const consumer = this.#kafka.consumer({
      groupId,
      sessionTimeout: 10_000,
      heartbeatInterval: 1000,
      // The default of 5 s is also how long a disconnect takes.
      maxWaitTimeInMs: 250,
      retry: { retries: Number.MAX_SAFE_INTEGER, initialRetryTime: 100, maxRetryTime: 2000 },
    });
    await consumer.connect();
    const joined = new Promise<void>((resolve) => {
      consumer.on(consumer.events.GROUP_JOIN, () => {
        resolve();
      });
    });
    await consumer.subscribe({ topics: [topic.name], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: (payload) => this.#handle(topic, options, handler, consumer, payload, stop.signal),
    });
    await joined;
    const subscription = {
      close: async () => {
        this.#subscriptions.delete(subscription);
        stop.abort(new Error('the subscription was closed'));
        await consumer.disconnect();
      },
    };
    this.#subscriptions.add(subscription);
    return subscription;
  }

  async ping(): Promise<void> {
    const admin = this.#pinging.admin();
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
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    const producer = await this.#producer?.catch(() => undefined);
    await producer?.serial.idle();
    await producer?.raw.disconnect();
  }

  async #handle<T>(
    topic: Topic<T>,
    options: SubscribeOptions,
    handler: EventHandler<T>,
    consumer: Consumer,
    { batch, heartbeat, resolveOffset }: EachBatchPayload,
    signal: AbortSignal,
  ): Promise<void> {
    // A handler may work for longer than the session lasts.
    const beat = setInterval(() => void heartbeat().catch(() => undefined), 1000);
    try {
      const size = options.maxBatch ?? 500;
      for (let start = 0; start < batch.messages.length; start += size) {
        const messages = batch.messages.slice(start, start + size);
        const last = messages.at(-1);
        if (last === undefined || signal.aborted) return;
        const events = withoutRepetitions(messages.map((message) => rawOf(topic.name, batch.partition, message)));
        await deliver(topic, events, handler, {
          maxAttempts: options.maxAttempts ?? 5,
          signal,
          deadLetter: (event, reason, attempts) => this.#deadLetter(event, reason, attempts),
        });
        resolveOffset(last.offset);
        await consumer.commitOffsets([
          { topic: topic.name, partition: batch.partition, offset: String(BigInt(last.offset) + 1n) },
        ]);
      }
    } finally {
      clearInterval(beat);
    }
  }

  async #deadLetter(event: RawEvent, reason: string, attempts: number): Promise<void> {
    const { id, key, data } = event;
    await this.#send(deadLetterTopic(event.topic), [
      { id, key, data, headers: deadLetterHeaders(event, reason, attempts) },
    ]);
  }

  async #send(topic: string, events: readonly EncodedEvent[]): Promise<void> {
    if (events.length === 0) return;
    await this.#ready(topic);
    this.#producer ??= this.#connectProducer().catch((error: unknown) => {
      this.#producer = undefined;
      throw error;
    });
    await (await this.#producer).serial.send(topic, events);
  }

  async #connectProducer(): Promise<{ readonly raw: Producer; readonly serial: SerialProducer }> {
    const raw = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { retries: Number.MAX_SAFE_INTEGER, initialRetryTime: 100, maxRetryTime: 2000 },
    });
    await raw.connect();
    return { raw, serial: new SerialProducer(raw) };
  }

  async #ready(topic: string): Promise<void> {
    if (this.#closed) throw new EventBusClosed('the event bus was closed');
    let made = this.#topics.get(topic);
    if (made === undefined) {
      made = this.#createTopic(topic).catch((error: unknown) => {
        this.#topics.delete(topic);
        throw error;
      });
      this.#topics.set(topic, made);
    }
    await made;
  }

  /**
   * Fixes the positions of a group that has none at the end of the topic. kafkajs would look for the end at its first fetch,
   * when events published since the subscription are behind it already.
   */
  async #beginAtEnd(topic: string, groupId: string): Promise<void> {
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      const [kept] = await admin.fetchOffsets({ groupId, topics: [topic] });
      if (kept?.partitions.some(({ offset }) => offset !== '-1') === true) return;
      const ends = await admin.fetchTopicOffsets(topic);
      await admin.setOffsets({
        groupId,
        topic,
        partitions: ends.map(({ partition, high }) => ({ partition, offset: high })),
      });
    } finally {
      await admin.disconnect();
    }
  }

  async #createTopic(topic: string): Promise<void> {
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      await admin.createTopics({
        topics: [{ topic, numPartitions: this.#options.partitions ?? 4 }],
        waitForLeaders: true,
      });
    } finally {
      await admin.disconnect();
    }
  }
}

function rawOf(topic: string, partition: number, message: KafkaMessage): RawEvent {
  const headers = Object.fromEntries(
    Object.entries(message.headers ?? {}).map(([name, value]) => [name, textOf(value)]),
  );
  const key = message.key?.toString() ?? '';
  const data = message.value ?? Buffer.alloc(0);
  return {
    id: headers['ce_id'] ?? `${topic}/${partition}/${message.offset}`,
    key,
    topic,
    partition,
    position: message.offset,
    headers,
    data,
  };
}

function textOf(value: IHeaders[string]): string {
  return String(Array.isArray(value) ? (value[0] ?? '') : (value ?? ''));
}

/** An id twice in one batch is one event. Across batches the consumer drops repetitions where it commits their effect. */
function withoutRepetitions(events: readonly RawEvent[]): readonly RawEvent[] {
  const seen = new Set<string>();
  return events.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/**
 * A group of its own for each topic. Members of one Kafka group that take different topics are each given partitions of topics
 * that they do not read, and what lies in those is delivered to nobody.
 */
function groupOf(group: string, topic: string): string {
  return `${group}.${topic}`;
}
