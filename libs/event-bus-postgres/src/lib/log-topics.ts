import type { Pool } from 'pg';
import { createLogTables } from './log-tables.ts';
import { createTopic, growTopic, type LogTopic } from './log-topic.ts';

/** The topics that a bus has to do with, each made where it is not there. Failures are tried again by the next caller. */
export class LogTopics {
  readonly #pool: Pool;
  readonly #partitions: number;
  readonly #known = new Map<string, Promise<LogTopic>>();
  #tables: Promise<void> | undefined;

  constructor(pool: Pool, partitions: number) {
    this.#pool = pool;
    this.#partitions = partitions;
  }

  /** The tables are there. */
  async ready(): Promise<void> {
    this.#tables ??= createLogTables(this.#pool).catch((error: unknown) => {
      this.#tables = undefined;
      throw error;
    });
    await this.#tables;
  }

  async get(name: string): Promise<LogTopic> {
    await this.ready();
    let topic = this.#known.get(name);
    if (topic === undefined) {
      topic = createTopic(this.#pool, name, this.#partitions).catch((error: unknown) => {
        this.#known.delete(name);
        throw error;
      });
      this.#known.set(name, topic);
    }
    return topic;
  }

  /** As the database has it now: another process may have given the topic more. */
  async partitions(name: string): Promise<number> {
    const topic = await this.get(name);
    const { rows } = await this.#pool.query<Pick<LogTopic, 'partitions'>>(
      'SELECT partitions FROM event_log.topics WHERE number = $1',
      [topic.number],
    );
    return (rows[0] ?? topic).partitions;
  }

  /** Has the database asked again. */
  forget(name: string): void {
    this.#known.delete(name);
  }

  async grow(name: string, partitions: number): Promise<void> {
    await growTopic(this.#pool, await this.get(name), partitions);
    this.forget(name);
  }

  /** Fixes a new group's positions; one that has some keeps them. The group comes first: it may be about to be forgotten. */
  async fixPositions(topic: LogTopic, group: string, from: 'earliest' | 'latest'): Promise<void> {
    await this.#pool.query(
      `WITH alive AS (INSERT INTO event_log.groups ("group", topic) VALUES ($1, $2)
                      ON CONFLICT ("group", topic) DO UPDATE SET seen_at = now() RETURNING topic)
       INSERT INTO event_log.positions ("group", topic, partition, position)
       SELECT $1, topic, partition, CASE WHEN $3 THEN position ELSE 0 END FROM alive JOIN event_log.heads USING (topic)
       ON CONFLICT DO NOTHING`,
      [group, topic.number, from === 'latest'],
    );
  }

  /** Where each partition ends. */
  async ends(topic: LogTopic): Promise<readonly { readonly partition: number; readonly position: number }[]> {
    const { rows } = await this.#pool.query<{ partition: number; position: number }>(
      'SELECT partition, position FROM event_log.heads WHERE topic = $1 ORDER BY partition',
      [topic.number],
    );
    return rows;
  }

  /** Events that are kept and that a group has yet to handle; all of them for a group that was never there. */
  async lag(topic: LogTopic, group: string): Promise<number> {
    const { rows } = await this.#pool.query<{ lag: number }>(
      `SELECT coalesce(sum(greatest(0, h.position - greatest(coalesce(p.position, 0), coalesce(kept.first - 1, h.position)))), 0)::bigint AS lag
       FROM event_log.heads h
       LEFT JOIN event_log.positions p ON p."group" = $2 AND p.topic = h.topic AND p.partition = h.partition
       LEFT JOIN LATERAL (SELECT b.first FROM event_log.batches b WHERE b.topic = h.topic AND b.partition = h.partition
                          ORDER BY b.last LIMIT 1) AS kept ON true
       WHERE h.topic = $1`,
      [topic.number, group],
    );
    return rows[0]?.lag ?? 0;
  }
}
