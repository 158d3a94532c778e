import type { Pool } from 'pg';

/** Partitions of every topic. */
export const partitions = 4;

const lock = 7_240_111;

/** Makes the log's tables where they are missing. Safe from several processes at once. */
export async function createLogTables(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [lock]);
    await client.query(`
      CREATE SCHEMA IF NOT EXISTS event_bus;
      CREATE TABLE IF NOT EXISTS event_bus.heads (topic text, partition int, position bigint NOT NULL DEFAULT 0, PRIMARY KEY (topic, partition));
      CREATE TABLE IF NOT EXISTS event_bus.events (
        topic text, partition int, position bigint, id text NOT NULL, key text NOT NULL, headers jsonb NOT NULL, data bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (topic, partition, position), UNIQUE (topic, id));
      CREATE TABLE IF NOT EXISTS event_bus.positions ("group" text, topic text, partition int, position bigint NOT NULL,
        PRIMARY KEY ("group", topic, partition));
      CREATE TABLE IF NOT EXISTS event_bus.members ("group" text, topic text, member text, seen_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY ("group", topic, member));`);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/** Adds a topic's partitions where they are missing. */
export async function createTopic(pool: Pool, topic: string): Promise<void> {
  await pool.query(
    'INSERT INTO event_bus.heads (topic, partition) SELECT $1, generate_series(0, $2 - 1) ON CONFLICT DO NOTHING',
    [topic, partitions],
  );
}

/**
 * Drops events that every group is past for an hour, and any older than seven days.
 * Ids are known for as long as their event: that is how long a repeated publish is one event.
 */
export async function applyRetention(pool: Pool, topic: string): Promise<void> {
  await pool.query(
    `DELETE FROM event_bus.events e WHERE topic = $1 AND (created_at < now() - interval '7 days' OR (created_at < now() - interval '1 hour'
       AND position <= (SELECT min(position) FROM event_bus.positions p WHERE p.topic = e.topic AND p.partition = e.partition)))`,
    [topic],
  );
}
