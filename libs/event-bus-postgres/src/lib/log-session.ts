import { Client } from 'pg';
import { pause } from '@adstocrat/event-bus';
import type { LogSubscription, OwnedPartition } from './log-subscription.ts';

/** A member that does not give a sign of life for so long loses its partitions. */
export const leaseMs = 10_000;
const heartbeatMs = 1000;
/** An answer that takes longer is none: the session is made anew. */
const answerMs = 5000;

/**
 * The one session of a process for all of its subscriptions: it hears of new events, and gives the members' signs of life. One
 * loop owns its connection, so there is never a second one. Nothing is held by the session itself: when it breaks, the members
 * keep their partitions until their lease ends.
 */
export class LogSession {
  readonly #url: string;
  readonly #subscriptions = new Set<LogSubscription<never>>();
  readonly #stop = new AbortController();
  #kick = new AbortController();
  #finished: Promise<void> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  add(subscription: LogSubscription<never>): void {
    this.#subscriptions.add(subscription);
    this.#finished ??= this.#run();
    this.#kick.abort();
  }

  remove(subscription: LogSubscription<never>): void {
    this.#subscriptions.delete(subscription);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#kick.abort();
    await this.#finished;
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; failures += 1) {
      const client = this.#newClient();
      try {
        await client.connect();
        await client.query(`LISTEN event_log; SET synchronous_commit = off`);
        // Whatever was said while nobody listened:
        for (const subscription of this.#subscriptions) subscription.wake();
        while (!this.#stop.signal.aborted) {
          this.#kick = new AbortController();
          await this.#attend(client);
          failures = 0;
          await this.#sayEnds(client);
          await pause(heartbeatMs, this.#kick.signal);
        }
      } catch {
        // The database is away. The pumps find that out for themselves.
      }
      await endOf(client);
      if (!this.#stop.signal.aborted) await pause(Math.min(2000, 100 * 2 ** failures), this.#stop.signal);
    }
  }

  #newClient(): Client {
    const client = new Client({
      connectionString: this.#url,
      connectionTimeoutMillis: answerMs,
      query_timeout: answerMs,
      keepAlive: true,
      application_name: 'adstocrat event log',
    });
    client.on('error', () => {
      this.#kick.abort();
    });
    client.on('notification', ({ payload }) => {
      this.#hear(payload ?? '');
    });
    return client;
  }

  #hear(payload: string): void {
    const [, what, topic, rest] = /^(events|members) (\d+) (.*)$/s.exec(payload) ?? [];
    const concerned = [...this.#subscriptions].filter(({ topicNumber }) => topicNumber === Number(topic));
    if (what === 'events') for (const one of concerned) one.wake(rest?.split(',').map(Number));
    else if (concerned.some(({ group }) => group === rest)) this.#kick.abort();
  }

  async #attend(client: Client): Promise<void> {
    // In one order everywhere, so that two members never wait for each other.
    const all = [...this.#subscriptions].sort((a, b) => a.topicNumber - b.topicNumber || (a.group < b.group ? -1 : 1));
    if (all.length === 0) return;
    const { rows } = await client.query<
      Record<'member', string> & { position: string; epoch: string } & OwnedPartition
    >({
      name: 'attend',
      text: `SELECT owned.* FROM unnest($1::uuid[], $2::text[], $3::int[]) AS mine (member, "group", topic),
               LATERAL event_log.attend(mine.member, mine."group", mine.topic, $4) AS owned`,
      values: [
        all.map(({ member }) => member),
        all.map(({ group }) => group),
        all.map((one) => one.topicNumber),
        leaseMs,
      ],
    });
    const byMember = Map.groupBy(rows, ({ member }) => member);
    for (const one of all)
      one.own(
        (byMember.get(one.member) ?? []).map((row) => ({
          ...row,
          position: Number(row.position),
          epoch: Number(row.epoch),
        })),
      );
  }

  /**
   * Tells the pumps where their partitions end. A head that an append has locked is left out this time: the time of that append may
   * lie in the past already. The others are stamped, so that nothing earlier can follow even where the clock is set back.
   */
  async #sayEnds(client: Client): Promise<void> {
    const watched = new Map<number, Set<number>>();
    for (const one of this.#subscriptions)
      for (const partition of one.watched) {
        const partitions = watched.get(one.topicNumber) ?? new Set();
        watched.set(one.topicNumber, partitions.add(partition));
      }
    if (watched.size === 0) return;
    const pairs = [...watched].flatMap(([topic, partitions]) => [...partitions].map((partition) => [topic, partition]));
    const { rows } = await client.query<{ topic: number; partition: number; position: string; appended_ms: string }>({
      name: 'ends',
      text: `UPDATE event_log.heads h SET appended_ms = greatest(h.appended_ms, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)
             FROM (SELECT topic, partition FROM event_log.heads
                   WHERE (topic, partition) IN (SELECT * FROM unnest($1::int[], $2::int[]))
                   ORDER BY topic, partition FOR UPDATE SKIP LOCKED) AS still
             WHERE h.topic = still.topic AND h.partition = still.partition
             RETURNING h.topic, h.partition, h.position, h.appended_ms`,
      values: [pairs.map(([topic]) => topic), pairs.map(([, partition]) => partition)],
    });
    const said = rows.flatMap(({ topic, partition, position, appended_ms: nowMs }) =>
      [...this.#subscriptions]
        .filter((one) => one.topicNumber === topic)
        .map((one) => one.endsAt(partition, Number(position), Number(nowMs))),
    );
    await Promise.race([Promise.all(said), pause(heartbeatMs, this.#stop.signal)]);
  }
}

/** Ends a connection in bounded time, whatever state it is in. */
async function endOf(client: Client): Promise<void> {
  const over = new AbortController();
  await Promise.race([client.end().catch(() => undefined), pause(1000, over.signal)]);
  over.abort();
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
