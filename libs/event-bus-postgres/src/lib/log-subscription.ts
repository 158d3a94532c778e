import type { Pool } from 'pg';
import {
  type DeliveryOptions,
  deliver,
  type EventHandler,
  type RawEvent,
  type SubscribeOptions,
  type Subscription,
  type Topic,
} from '@adstocrat/event-bus';
import { applyRetention } from './log-tables.ts';
import { Membership } from './membership.ts';

/** Longest wait without news. Notifications make it shorter; it covers a lost one and paces the rebalancing. */
const idleMs = 1000;
const retentionEveryMs = 600_000;

interface Wiring<T> {
  readonly url: string;
  readonly pool: Pool;
  readonly topic: Topic<T>;
  readonly options: SubscribeOptions;
  readonly handler: EventHandler<T>;
  readonly deadLetter: DeliveryOptions['deadLetter'];
}

/** A member of a consumer group that reads its partitions of one topic until it is closed. */
export class LogSubscription<T> implements Subscription {
  readonly #wiring: Wiring<T>;
  readonly #membership: Membership;
  readonly #stop = new AbortController();
  #wake: () => void = () => undefined;
  #news = false;
  #finished: Promise<void> = Promise.resolve();
  #lastRetentionMs = Date.now();

  constructor(wiring: Wiring<T>) {
    this.#wiring = wiring;
    const { url, options, topic } = wiring;
    const onEvents = (): void => {
      this.#news = true;
      this.#wake();
    };
    this.#membership = new Membership({ url, group: options.group, topic: topic.name, onEvents });
  }

  /** Fixes the group's positions, then begins to read. */
  async start(): Promise<void> {
    const { pool, topic, options } = this.#wiring;
    await pool.query(
      `INSERT INTO event_bus.positions ("group", topic, partition, position)
       SELECT $1, topic, partition, CASE WHEN $3 THEN position ELSE 0 END FROM event_bus.heads WHERE topic = $2 ON CONFLICT DO NOTHING`,
      [options.group, topic.name, options.from === 'latest'],
    );
    await this.#membership.rebalance();
    this.#finished = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error('the subscription was closed'));
    this.#wake();
    await this.#finished;
    await this.#membership.close();
  }

  async #run(): Promise<void> {
    // The membership is kept up while a handler works, however long that takes.
    const upkeep = setInterval(() => void this.#membership.rebalance().catch(() => undefined), idleMs);
    try {
      while (!this.#stop.signal.aborted) {
        this.#news = false;
        let handled = 0;
        try {
          const owned = await this.#membership.rebalance();
          if (owned.length > 0) handled = await this.#readOnce(owned);
          await this.#retainNow();
        } catch {
          // The database is away, or the subscription is closing. Positions are kept: what was not committed comes again.
          await this.#idle(300);
          continue;
        }
        if (handled === 0 && !this.#news) await this.#idle(idleMs);
      }
    } finally {
      clearInterval(upkeep);
    }
  }

  /** One batch of each owned partition that has one. Returns how many events there were. */
  async #readOnce(owned: readonly number[]): Promise<number> {
    const { pool, topic, options } = this.#wiring;
    const { rows } = await pool.query<{
      partition: number;
      position: string;
      id: string;
      key: string;
      headers: Record<string, string>;
      data: Buffer;
    }>(
      `SELECT e.partition, e.position, e.id, e.key, e.headers, e.data FROM event_bus.positions p
       CROSS JOIN LATERAL (SELECT * FROM event_bus.events e WHERE e.topic = p.topic AND e.partition = p.partition AND e.position > p.position
                           ORDER BY e.position LIMIT $4) e
       WHERE p."group" = $1 AND p.topic = $2 AND p.partition = ANY($3) ORDER BY e.partition, e.position`,
      [options.group, topic.name, owned, options.maxBatch ?? 500],
    );
    const byPartition = Map.groupBy(rows, ({ partition }) => partition);
    await Promise.all(
      [...byPartition].map(([partition, list]) =>
        this.#handle(
          partition,
          list.map((row) => ({ ...row, topic: topic.name })),
        ),
      ),
    );
    return rows.length;
  }

  async #handle(partition: number, events: readonly RawEvent[]): Promise<void> {
    const { pool, topic, options, handler, deadLetter } = this.#wiring;
    await deliver(topic, events, handler, {
      maxAttempts: options.maxAttempts ?? 5,
      deadLetter,
      signal: this.#stop.signal,
    });
    await pool.query(
      `UPDATE event_bus.positions SET position = $4 WHERE "group" = $1 AND topic = $2 AND partition = $3 AND position < $4`,
      [options.group, topic.name, partition, events.at(-1)?.position],
    );
  }

  async #retainNow(): Promise<void> {
    if (Date.now() - this.#lastRetentionMs < retentionEveryMs) return;
    this.#lastRetentionMs = Date.now();
    await applyRetention(this.#wiring.pool, this.#wiring.topic.name);
  }

  #idle(ms: number): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake = done;
    });
  }
}
