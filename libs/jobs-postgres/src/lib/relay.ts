import type { Pool, PoolClient } from 'pg';
import type { PermanentFailure } from '@adstocrat/event-bus';
import { type EventBus, failureKind, type OutgoingEvent, type Topic } from '@adstocrat/event-bus';
import type { OutboxRelay } from '@adstocrat/jobs';
import { inTransaction } from '@adstocrat/postgres-client';
import { atMost, Pacer } from './pacer.ts';
import { pauseAfter, type Settings } from './settings.ts';

interface OutboxRow {
  readonly position: number;
  readonly topic: string;
  readonly message: string;
  readonly id: string;
  readonly key: string;
  readonly source: string;
  readonly time_ms: number;
  readonly trace: Readonly<Record<string, string>>;
  readonly data: Buffer;
}

/** Events in one round; wall milliseconds for one publish, and after which a round begins no other: the outbox is held as long. */
const mostEvents = 200;
const publishMs = 5000;
const roundMs = 3000;
/** Until another look where another process is sending. */
const elsewhereMs = 50;
/** Wall milliseconds for a publish in progress when the relay stops: what it did is sent again, under the same ids. */
const stopMs = 3000;
/** Refused events are kept as long for people to look at. */
const refusedKept = '30 days';

/** Reads the outbox under a lock that one process has at a time, so that its order is kept. */
export class Relay implements OutboxRelay {
  readonly #pool: Pool;
  readonly #bus: EventBus;
  readonly #settings: Settings;
  readonly #pacer = new Pacer();
  #stopping = false;
  readonly #sending: Promise<void>;

  constructor(pool: Pool, bus: EventBus, settings: Settings) {
    this.#pool = pool;
    this.#bus = bus;
    this.#settings = settings;
    this.#sending = this.#send();
  }

  /** Sends now. */
  wake(): void {
    this.#pacer.wake();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#pacer.wake();
    await atMost(stopMs, this.#sending);
  }

  async #send(): Promise<void> {
    const { logger, firstPauseMs } = this.#settings;
    // What this process publishes wakes it; another's is looked for.
    const pollMs = 3 * this.#settings.pollMs;
    for (let failures = 0; !this.#stopping;) {
      let pauseMs = pollMs;
      try {
        const waits = await this.#waits();
        const sent = waits ? await this.#round() : 0;
        if (failures > 0) logger.info({}, 'the outbox is sent again');
        failures = 0;
        if (sent > 0) continue;
        if (waits) pauseMs = elsewhereMs;
      } catch (error) {
        failures += 1;
        pauseMs = Math.min(5000, pauseAfter(failures, firstPauseMs));
        if (failures === 1) logger.warn({ err: error }, 'the outbox waits: database or bus is away');
      }
      await this.#pacer.pause(pauseMs);
    }
  }

  async #waits(): Promise<boolean> {
    const { rowCount } = await this.#pool.query('SELECT FROM jobs.outbox WHERE refused IS NULL LIMIT 1');
    return rowCount === 1;
  }

  /**
   * Publishes the oldest events and takes them out. Returns how many; 0 where another process is at it. A process that stands still
   * with the outbox in its hands loses it after a lease: the server ends its session.
   */
  async #round(): Promise<number> {
    return inTransaction(this.#pool, async (client) => {
      const { rows: locks } = await client.query<{ readonly mine: boolean }>(
        `SELECT set_config('idle_in_transaction_session_timeout', $1, true),
           pg_try_advisory_xact_lock(hashtextextended('jobs/outbox', 0)) AS mine`,
        [String(Math.ceil(this.#settings.leaseMs))],
      );
      if (locks[0]?.mine !== true) return 0;
      // A statement of its own: one that took the lock would see what the process before took out since it began.
      const { rows } = await client.query<OutboxRow>(
        `SELECT position, topic, message, id, key, source, time_ms, trace, data FROM jobs.outbox
         WHERE refused IS NULL ORDER BY position LIMIT ${mostEvents}`,
      );
      const until = performance.now() + roundMs;
      const sent: number[] = [];
      for (const group of groups(rows)) {
        if (performance.now() > until) break;
        await this.#publish(client, group);
        sent.push(...group.map(({ position }) => position));
      }
      if (sent.length > 0)
        await client.query(
          `DELETE FROM jobs.outbox WHERE (position = ANY($1) AND refused IS NULL)
             OR (refused IS NOT NULL AND time_ms < extract(epoch FROM now() - interval '${refusedKept}') * 1000)`,
          [sent],
        );
      return sent.length;
    });
  }

  async #publish(client: PoolClient, rows: readonly OutboxRow[]): Promise<void> {
    const [one] = rows;
    if (one === undefined) return;
    try {
      await this.#settings.withTrace(`publish ${one.topic}`, one.trace, () =>
        this.#bus.publish(bytesOf(one), rows.map(eventOf), { timeoutMs: publishMs }),
      );
    } catch (error) {
      if (failureKind(error) !== 'permanent') throw error;
      if (rows.length > 1) {
        for (const row of rows) await this.#publish(client, [row]);
        return;
      }
      const reason = (error as PermanentFailure).message;
      this.#settings.logger.error(
        { topic: one.topic, id: one.id, reason },
        'the bus refuses an event for good: it is set aside',
      );
      await client.query('UPDATE jobs.outbox SET refused = $2 WHERE position = $1', [one.position, reason]);
    }
  }
}

/** Neighbours of one topic and trace. */
function groups(rows: readonly OutboxRow[]): readonly (readonly OutboxRow[])[] {
  const found: OutboxRow[][] = [];
  for (const row of rows) {
    const last = found.at(-1);
    const same = last?.[0]?.topic === row.topic && JSON.stringify(last[0].trace) === JSON.stringify(row.trace);
    if (same) last?.push(row);
    else found.push([row]);
  }
  return found;
}

/** The row's topic, for messages that are bytes already. */
function bytesOf({ topic, message }: OutboxRow): Topic<Uint8Array> {
  return { name: topic, message, encode: (bytes) => bytes, decode: (bytes) => bytes };
}

function eventOf({ id, key, source, time_ms: timeMs, data }: OutboxRow): OutgoingEvent<Uint8Array> {
  return { id, key, source, timeMs, event: data };
}
