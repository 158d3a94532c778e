import type { Pool } from 'pg';
import { type EncodedEvent, partitionOf } from '@adstocrat/event-bus';
import { partitions } from './log-tables.ts';

/** Channel that tells waiting subscriptions of new events; its payload is the topic. */
export const channel = 'adstocrat_events';

/**
 * Appends events in one transaction, in order within a partition. The partition's head row is locked until the commit, so a
 * position is never visible before a smaller one: readers may take "greater than what I saw" for "not seen yet".
 * An id that is there already is left out.
 */
export async function appendEvents(pool: Pool, topic: string, events: readonly EncodedEvent[]): Promise<void> {
  const byPartition = new Map<number, EncodedEvent[]>();
  for (const event of events) {
    const partition = partitionOf(event.key, partitions);
    const list = byPartition.get(partition) ?? [];
    list.push(event);
    byPartition.set(partition, list);
  }
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    // In ascending order, so that two transactions never wait for each other.
    for (const [partition, list] of [...byPartition].sort(([a], [b]) => a - b)) {
      const { rows } = await client.query<{ first: string }>(
        'UPDATE event_bus.heads SET position = position + $3 WHERE topic = $1 AND partition = $2 RETURNING position - $3 + 1 AS first',
        [topic, partition, list.length],
      );
      if (rows[0] === undefined) throw new Error(`topic ${topic} has no partition ${partition} in this database`);
      await client.query(
        `INSERT INTO event_bus.events (topic, partition, position, id, key, headers, data)
         SELECT $1, $2, $3::bigint + (n - 1), id, key, headers::jsonb, data
         FROM unnest($4::text[], $5::text[], $6::text[], $7::bytea[]) WITH ORDINALITY AS e (id, key, headers, data, n)
         ON CONFLICT (topic, id) DO NOTHING`,
        [
          ...[topic, partition, rows[0].first],
          ...[list.map(({ id }) => id), list.map(({ key }) => key), list.map(({ headers }) => JSON.stringify(headers))],
          list.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
        ],
      );
    }
    await client.query('SELECT pg_notify($1, $2)', [channel, topic]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
