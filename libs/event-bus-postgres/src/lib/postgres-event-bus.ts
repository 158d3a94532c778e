import { Pool } from 'pg';
import {
  deadLetterHeaders,
  deadLetterTopic,
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
import { appendEvents } from './append-events.ts';
import { createLogTables, createTopic } from './log-tables.ts';
import { LogSubscription } from './log-subscription.ts';

export interface PostgresEventBusOptions {
  readonly url: string;
  /** Headers of the active trace, asked for at each publish. */
  readonly traceHeaders?: () => Readonly<Record<string, string>>;
}

/** {@link EventBus} as a log in PostgreSQL, schema `event_bus`. */
export class PostgresEventBus implements EventBus {
  readonly #options: PostgresEventBusOptions;
  readonly #pool: Pool;
  readonly #topics = new Map<string, Promise<void>>();
  readonly #subscriptions = new Set<LogSubscription<never>>();
  #tables: Promise<void> | undefined;
  #closed = false;

  constructor(options: PostgresEventBusOptions) {
    this.#options = options;
    this.#pool = new Pool({ connectionString: options.url, max: 6, connectionTimeoutMillis: 5000 });
    // An idle connection that the server ends is no caller's error: the pool makes a new one.
    this.#pool.on('error', () => undefined);
  }

  async publish<T>(topic: Topic<T>, events: readonly OutgoingEvent<T>[]): Promise<void> {
    const trace = this.#options.traceHeaders?.() ?? {};
    await this.#append(
      topic.name,
      events.map((event) => encodeEvent(topic, event, trace)),
    );
  }

  async subscribe<T>(topic: Topic<T>, options: SubscribeOptions, handler: EventHandler<T>): Promise<Subscription> {
    await this.#ready(topic.name);
    const subscription = new LogSubscription<T>({
      url: this.#options.url,
      pool: this.#pool,
      topic,
      options,
      handler,
      deadLetter: (event, reason, attempts) => this.#deadLetter(event, reason, attempts),
    });
    const known = subscription as unknown as LogSubscription<never>;
    this.#subscriptions.add(known);
    await subscription.start();
    return {
      close: async () => {
        this.#subscriptions.delete(known);
        await subscription.close();
      },
    };
  }

  async ping(): Promise<void> {
    await this.#pool.query('SELECT 1');
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    await this.#pool.end();
  }

  async #append(topic: string, events: readonly EncodedEvent[]): Promise<void> {
    if (events.length === 0) return;
    await this.#ready(topic);
    await appendEvents(this.#pool, topic, events);
  }

  async #deadLetter(event: RawEvent, reason: string, attempts: number): Promise<void> {
    const { id, key, data } = event;
    await this.#append(deadLetterTopic(event.topic), [
      { id, key, data, headers: deadLetterHeaders(event, reason, attempts) },
    ]);
  }

  /** The tables and the topic's partitions are there. A failure is tried again by the next caller. */
  async #ready(topic: string): Promise<void> {
    if (this.#closed) throw new EventBusClosed('the event bus was closed');
    this.#tables ??= createLogTables(this.#pool).catch((error: unknown) => {
      this.#tables = undefined;
      throw error;
    });
    await this.#tables;
    let made = this.#topics.get(topic);
    if (made === undefined) {
      made = createTopic(this.#pool, topic).catch((error: unknown) => {
        this.#topics.delete(topic);
        throw error;
      });
      this.#topics.set(topic, made);
    }
    await made;
  }
}
