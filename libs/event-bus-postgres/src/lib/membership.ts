import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { channel } from './append-events.ts';
import { partitions } from './log-tables.ts';

/**
 * One member of a consumer group on a connection of its own. A partition is owned by holding an advisory lock in that
 * session, so a killed process loses its partitions the moment the server sees its connection end. The table of members only
 * decides who should own how many.
 */
export class Membership {
  readonly #url: string;
  readonly #group: string;
  readonly #topic: string;
  readonly #onEvents: () => void;
  readonly #member = randomUUID();
  readonly #owned = new Set<number>();
  #client: Client | undefined;

  constructor(options: {
    readonly url: string;
    readonly group: string;
    readonly topic: string;
    readonly onEvents: () => void;
  }) {
    this.#url = options.url;
    this.#group = options.group;
    this.#topic = options.topic;
    this.#onEvents = options.onEvents;
  }

  /** Partitions owned now, after taking and giving back what the number of members asks for. Throws where the database is away. */
  async rebalance(): Promise<readonly number[]> {
    const client = await this.#connected();
    try {
      await client.query(
        `INSERT INTO event_bus.members ("group", topic, member) VALUES ($1, $2, $3) ON CONFLICT ("group", topic, member) DO UPDATE SET seen_at = now()`,
        [this.#group, this.#topic, this.#member],
      );
      const { rows } = await client.query<{ member: string }>(
        `SELECT member FROM event_bus.members WHERE "group" = $1 AND topic = $2 AND seen_at > now() - interval '4 seconds' ORDER BY member`,
        [this.#group, this.#topic],
      );
      const rank = Math.max(
        0,
        rows.findIndex(({ member }) => member === this.#member),
      );
      for (let partition = 0; partition < partitions; partition += 1) {
        const mine = partition % Math.max(1, rows.length) === rank;
        if (mine && !this.#owned.has(partition)) await this.#take(client, partition);
        if (!mine && this.#owned.has(partition)) await this.#giveBack(client, partition);
      }
      return [...this.#owned].sort((a, b) => a - b);
    } catch (error) {
      await this.#disconnect();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#client?.query('DELETE FROM event_bus.members WHERE member = $1', [this.#member]).catch(() => undefined);
    await this.#disconnect();
  }

  async #connected(): Promise<Client> {
    if (this.#client !== undefined) return this.#client;
    const client = new Client({ connectionString: this.#url, connectionTimeoutMillis: 5000, keepAlive: true });
    client.on('error', () => void this.#disconnect());
    client.on('notification', ({ payload }) => {
      if (payload === this.#topic) this.#onEvents();
    });
    await client.connect();
    await client.query(`LISTEN ${channel}`);
    this.#client = client;
    return client;
  }

  async #disconnect(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#owned.clear();
    await client?.end().catch(() => undefined);
  }

  async #take(client: Client, partition: number): Promise<void> {
    const { rows } = await client.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken',
      [this.#lockName(partition)],
    );
    if (rows[0]?.taken === true) this.#owned.add(partition);
  }

  async #giveBack(client: Client, partition: number): Promise<void> {
    this.#owned.delete(partition);
    await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [this.#lockName(partition)]);
  }

  #lockName(partition: number): string {
    return `event_bus/${this.#group}/${this.#topic}/${partition}`;
  }
}
