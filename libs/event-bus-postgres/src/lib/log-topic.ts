import type { Pool } from 'pg';
import { inTransaction } from '@adstocrat/postgres-client';

/** A topic as the database knows it. */
export interface LogTopic {
  readonly name: string;
  readonly number: number;
  readonly partitions: number;
}

/** A topic, made with so many partitions where it is not there yet. */
export function createTopic(pool: Pool, name: string, partitions: number): Promise<LogTopic> {
  return inTransaction(
    pool,
    async (client) => {
      await client.query('INSERT INTO event_log.topics (name, partitions) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        name,
        partitions,
      ]);
      const { rows } = await client.query<LogTopic>(
        'SELECT name, number, partitions FROM event_log.topics WHERE name = $1',
        [name],
      );
      const topic = rows[0] as LogTopic;
      await addPartitions(client, topic);
      return topic;
    },
    { lock: 'event_log' },
  );
}

/**
 * Gives a topic more partitions; fewer are a `RangeError`. Events of a key that are published later may lie in another partition
 * than its earlier ones, and are not ordered with them.
 */
export function growTopic(pool: Pool, topic: LogTopic, partitions: number): Promise<LogTopic> {
  return inTransaction(
    pool,
    async (client) => {
      const { rowCount } = await client.query(
        'UPDATE event_log.topics SET partitions = $2 WHERE number = $1 AND partitions <= $2',
        [topic.number, partitions],
      );
      if (rowCount === 0)
        throw new RangeError(`${topic.name} has more than ${partitions} partitions; they are not taken away`);
      const grown = { ...topic, partitions };
      await addPartitions(client, grown);
      await client.query(
        `INSERT INTO event_log.positions ("group", topic, partition, position)
         SELECT g."group", g.topic, partition, 0 FROM event_log.groups g, generate_series(0, $2 - 1) AS partition
         WHERE g.topic = $1 ON CONFLICT DO NOTHING`,
        [topic.number, partitions],
      );
      return grown;
    },
    { lock: 'event_log' },
  );
}

async function addPartitions(client: { query: Pool['query'] }, topic: LogTopic): Promise<void> {
  await client.query(
    'INSERT INTO event_log.heads (topic, partition) SELECT $1, generate_series(0, $2 - 1) ON CONFLICT DO NOTHING',
    [topic.number, topic.partitions],
  );
}
