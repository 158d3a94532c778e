import type { Pool } from 'pg';
import {
  type DeliveryNotice,
  encodeEvent,
  type EncodedEvent,
  type Erased,
  type EventBus,
  EventBusClosed,
  type EventHandler,
  type IncomingEvent,
  isConnectionError,
  type OutgoingEvent,
  pause,
  SendQueue,
  type SubscribeOptions,
  type Subscription,
  type Topic,
} from '@adstocrat/event-bus';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { appendEvents } from './append-events.ts';
import { LogSession } from './log-session.ts';
import { LogSubscription } from './log-subscription.ts';
import { LogTopics } from './log-topics.ts';
import { eraseEvents } from './erase-events.ts';
import { readLog } from './read-log.ts';
import { applyRetention, defaultRetention, type Retention } from './retention.ts';

export interface PostgresEventBusOptions {
  readonly url: string;
  /** Of a topic that is made on first use. Default: 4. */
  readonly partitions?: number;
  /** Headers of the active trace, asked for at each publish. */
  readonly traceHeaders?: () => Readonly<Record<string, string>>;
  /** Told of pauses, dead letters and what stays unread. */
  readonly onDelivery?: (notice: DeliveryNotice) => void;
  readonly retention?: Partial<Retention>;
}

const retentionEveryMs = 60_000;
/** Between two notices of one partition that a group leaves unread. */
const tellAgainMs = 3_600_000;
/** For one dead letter; after it the partition pauses and tries again. */
const deadLetterMs = 10_000;
/** One append: large enough to be cheap, small enough for one row a partition. */
const appendBounds = { maxEvents: 2000, maxBytes: 4_000_000 };

/** {@link EventBus} as a log in PostgreSQL, schema `event_log`. */
export class PostgresEventBus implements EventBus {
  readonly #options: PostgresEventBusOptions;
  readonly #pool: Pool;
  readonly #topics: LogTopics;
  readonly #session: LogSession;
  readonly #queues = new Map<string, SendQueue>();
  readonly #subscriptions = new Set<LogSubscription<never>>();
  readonly #stop = new AbortController();
  readonly #retention: NodeJS.Timeout;
  /** When it was last told of a partition that a group leaves unread. */
  readonly #toldMs = new Map<string, number>();

  constructor(options: PostgresEventBusOptions) {
    this.#options = options;
    this.#pool = openPool(options.url, { max: 6, statementTimeoutMs: 20_000, name: 'adstocrat event bus' });
    this.#topics = new LogTopics(this.#pool, options.partitions ?? 4);
    this.#session = new LogSession(options.url);
    this.#retention = setInterval(() => void this.retain().catch(() => undefined), retentionEveryMs).unref();
  }

  async publish<T>(
    topic: Topic<T>,
    events: readonly OutgoingEvent<NoInfer<T>>[],
    options: { readonly timeoutMs?: number } = {},
  ): Promise<void> {
    this.#assertOpen();
    const trace = this.#options.traceHeaders?.() ?? {};
    const encoded = events.map((event, index) => encodeEvent(topic, event, trace, index));
    await this.#send(topic.name, encoded, options.timeoutMs ?? 30_000);
  }

  async subscribe<T>(topic: Topic<T>, options: SubscribeOptions, handler: EventHandler<T>): Promise<Subscription> {
    this.#assertOpen();
    const log = await this.#topics.get(topic.name);
    await this.#topics.fixPositions(log, options.group, options.from ?? 'earliest');
    const { onDelivery } = this.#options;
    const subscription = new LogSubscription<T>({
      pool: this.#pool,
      log,
      topic,
      options,
      handler,
      deadLetter: (name, letter) => this.#send(name, [letter], deadLetterMs),
      ...(onDelivery === undefined ? {} : { onDelivery }),
    });
    const known = subscription as unknown as LogSubscription<never>;
    this.#subscriptions.add(known);
    this.#session.add(known);
    return { close: () => this.#leave(known) };
  }

  async partitions(topic: string): Promise<number> {
    this.#assertOpen();
    return this.#topics.partitions(topic);
  }

  /** Gives a topic more partitions. A key's later events may lie in another one: they are not ordered with its earlier ones. */
  async grow(topic: string, partitions: number): Promise<void> {
    this.#assertOpen();
    await this.#topics.grow(topic, partitions);
  }

  async lag(topic: string, group: string): Promise<number> {
    this.#assertOpen();
    return this.#topics.lag(await this.#topics.get(topic), group);
  }

  async *scan<T>(topic: Topic<T>): AsyncIterable<IncomingEvent<T>> {
    this.#assertOpen();
    const log = await this.#topics.get(topic.name);
    for (const { partition, position: end } of await this.#topics.ends(log)) {
      let after = 0;
      while (after < end) {
        const before = after;
        for (const events of await readLog(this.#pool, log, partition, before, 1000))
          for (const { data, ...envelope } of events) {
            after = Number(envelope.position);
            if (after <= end) yield { ...envelope, event: topic.decode(data) };
          }
        if (after === before) break;
      }
    }
  }

  async erase<T>(topic: Topic<T>, which: (event: T) => boolean): Promise<Erased> {
    this.#assertOpen();
    return eraseEvents(this.#pool, await this.#topics.get(topic.name), ({ data }) => which(topic.decode(data)));
  }

  /** Applies the retention now. It is applied once a minute in any case. */
  async retain(): Promise<void> {
    await this.#topics.ready();
    const retention = { ...defaultRetention, ...this.#options.retention };
    for (const unread of await applyRetention(this.#pool, retention, this.#stop.signal)) {
      const place = `${unread.topic} ${unread.group} ${unread.partition}`;
      if (Date.now() - (this.#toldMs.get(place) ?? 0) < tellAgainMs) continue;
      this.#toldMs.set(place, Date.now());
      this.#options.onDelivery?.({ kind: 'unread', ...unread });
    }
  }

  async ping(): Promise<void> {
    const question = { text: 'SELECT 1', query_timeout: 2000 };
    await this.#pool.query(question);
  }

  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    clearInterval(this.#retention);
    const over = new AbortController();
    const leaving = [...this.#subscriptions].map((one) => this.#leave(one));
    await Promise.race([Promise.all(leaving), pause(5000, over.signal)]);
    await Promise.race([this.#session.close(), pause(1500, over.signal)]);
    await Promise.all([...this.#queues.values()].map((queue) => queue.close(1000)));
    over.abort();
    await closePool(this.#pool, 1000);
  }

  async #leave(subscription: LogSubscription<never>): Promise<void> {
    if (!this.#subscriptions.delete(subscription)) return;
    this.#session.remove(subscription);
    await subscription.close();
  }

  async #send(topic: string, events: readonly EncodedEvent[], timeoutMs: number): Promise<void> {
    let queue = this.#queues.get(topic);
    if (queue === undefined) {
      queue = new SendQueue({ write: (...write) => this.#append(...write), ...appendBounds });
      this.#queues.set(topic, queue);
    }
    await queue.send(topic, events, timeoutMs);
  }

  /** An append that was cut off may have happened: the ids make it the same one when it is tried again. */
  async #append(topic: string, events: readonly EncodedEvent[], signal: AbortSignal): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        while (!(await appendEvents(this.#pool, await this.#topics.get(topic), events))) this.#topics.forget(topic);
        return;
      } catch (error) {
        if (!isConnectionError(error) || signal.aborted) throw error;
        await pause(Math.min(1000, 50 * 2 ** tries), signal);
        if (signal.aborted) throw error;
      }
    }
  }

  #assertOpen(): void {
    if (this.#stop.signal.aborted) throw new EventBusClosed('the event bus was closed');
  }
}
