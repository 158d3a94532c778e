import type { Pool, PoolClient } from 'pg';
import { type EncodedEvent, encodeEvent, type OutgoingEvent, type Topic } from '@adstocrat/event-bus';
import type { Transaction } from '@adstocrat/jobs';
import { inTransaction } from '@adstocrat/postgres-client';

interface Waiting {
  readonly topic: string;
  readonly message: string;
  readonly source: string;
  readonly timeMs: number;
  readonly event: EncodedEvent;
}

/** {@link Transaction} on one connection. */
export class PostgresTransaction implements Transaction {
  readonly client: PoolClient;
  readonly #events: Waiting[] = [];

  constructor(client: PoolClient) {
    this.client = client;
  }

  async publish<T>(topic: Topic<T>, events: readonly OutgoingEvent<NoInfer<T>>[]): Promise<void> {
    for (const outgoing of events) {
      const { source, timeMs = Date.now() } = outgoing;
      this.#events.push({
        topic: topic.name,
        message: topic.message,
        source,
        timeMs,
        event: encodeEvent(topic, { ...outgoing, timeMs }),
      });
    }
  }

  /**
   * Writes what was published, last before the commit: of two transactions that wait for each other's rows, the second one's events
   * then come after the first one's. Returns how many.
   */
  async writeOutbox(trace: Readonly<Record<string, string>>): Promise<number> {
    if (this.#events.length === 0) return 0;
    const column = <V>(value: (one: Waiting) => V): V[] => this.#events.map(value);
    await this.client.query(
      `INSERT INTO jobs.outbox (topic, message, id, key, source, time_ms, trace, data)
       SELECT topic, message, id, key, source, time_ms, $7::jsonb, data
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::float8[], $8::bytea[])
         WITH ORDINALITY AS e (topic, message, id, key, source, time_ms, data, n) ORDER BY n`,
      [
        ...[column(({ topic }) => topic), column(({ message }) => message)],
        ...[column(({ event }) => event.id), column(({ event }) => event.key)],
        ...[column(({ source }) => source), column(({ timeMs }) => timeMs), JSON.stringify(trace)],
        column(({ event: { data } }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
      ],
    );
    return this.#events.length;
  }
}

/** The connection of a transaction, for another adapter of the same database. Throws where the transaction is of another one. */
export function clientOf(transaction: Transaction): PoolClient {
  if (transaction instanceof PostgresTransaction) return transaction.client;
  throw new TypeError('the transaction is not one of this PostgreSQL: begin it with its Jobs');
}

/** Runs `work` in one transaction with the outbox. Returns what it returns, and how many events wait. */
export function runTransaction<T>(
  pool: Pool,
  trace: Readonly<Record<string, string>>,
  work: (transaction: PostgresTransaction) => Promise<T>,
): Promise<{ readonly value: T; readonly published: number }> {
  return inTransaction(pool, async (client) => {
    const transaction = new PostgresTransaction(client);
    const value = await work(transaction);
    return { value, published: await transaction.writeOutbox(trace) };
  });
}
