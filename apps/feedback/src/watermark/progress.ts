import type { Pool, PoolClient } from 'pg';
import type { EventBus } from '@adstocrat/event-bus';
import type { LabelRule } from '@adstocrat/monitors';
import { topics } from '@adstocrat/schemas';
import type { Clock } from '@adstocrat/service-kit';

/** The stream of what was scored. */
export const predictionStream = topics.predictionMade.name;
/** Every stream that is read. */
export const streams = [
  predictionStream,
  topics.clickSeen.name,
  topics.impressionSeen.name,
  topics.conversionSeen.name,
];

/** Streams that a label depends on. */
export function streamsOf(opens: LabelRule['opens']): readonly string[] {
  const always = [predictionStream, topics.clickSeen.name];
  return opens === 'prediction' ? always : [...always, topics.impressionSeen.name];
}

/** How far one stream has been read: its slowest partition. */
export interface StreamProgress {
  readonly topic: string;
  readonly partition: number;
  /** Server time, Unix milliseconds; 0 where that partition was not read yet. */
  readonly readUntilMs: number;
}

/** Up to where everything has been read, and by what that is held back. */
export interface Watermark {
  /** Server time, whole Unix milliseconds: every event seen before it has been taken in. 0 where nothing is known. */
  readonly untilMs: number;
  readonly heldBackBy: StreamProgress | undefined;
  readonly streams: readonly StreamProgress[];
}

/** Every partition of the streams holds back until it is known to be read: those that were never read too. Topics never shrink. */
export async function expectPartitions(pool: Pool, bus: Pick<EventBus, 'partitions'>): Promise<void> {
  for (const topic of streams) {
    const count = await bus.partitions(topic);
    await pool.query(
      'INSERT INTO feedback.progress (topic, partition, read_until_ms) SELECT $1, generate_series(0, $2::int - 1), 0 ON CONFLICT DO NOTHING',
      [topic, count],
    );
  }
}

/** Notes that everything of a partition that was appended before `readUntilMs` (the bus's clock) has been taken in. */
export async function noteReadUntil(pool: Pool, topic: string, partition: number, readUntilMs: number): Promise<void> {
  await pool.query(
    `INSERT INTO feedback.progress AS known (topic, partition, read_until_ms) VALUES ($1, $2, $3)
     ON CONFLICT (topic, partition) DO UPDATE SET read_until_ms = excluded.read_until_ms WHERE known.read_until_ms < excluded.read_until_ms`,
    [topic, partition, readUntilMs],
  );
}

/**
 * How far a partition has been read, by the bus's clock, 0 where it was not; that stays so until this transaction ends. A partition
 * that is first read here holds back from now on.
 */
export async function holdReadUntil(client: PoolClient, topic: string, partition: number): Promise<number> {
  await client.query(
    'INSERT INTO feedback.progress (topic, partition, read_until_ms) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING',
    [topic, partition],
  );
  const { rows } = await client.query<{ read_until_ms: number }>(
    'SELECT read_until_ms FROM feedback.progress WHERE topic = $1 AND partition = $2 FOR SHARE',
    [topic, partition],
  );
  return rows[0]?.read_until_ms ?? 0;
}

/** The watermark over some streams. A client's clock is no part of it. */
export async function watermarkOf(pool: Pool, clock: Clock, wanted: readonly string[]): Promise<Watermark> {
  const { rows } = await pool.query<{ topic: string; partition: number; read_until_ms: number }>(
    `SELECT DISTINCT ON (topic) topic, partition, read_until_ms FROM feedback.progress WHERE topic = ANY($1)
     ORDER BY topic, read_until_ms, partition`,
    [wanted],
  );
  const read = rows
    .map(({ topic, partition, read_until_ms: wallMs }) => ({
      topic,
      partition,
      readUntilMs: wallMs === 0 ? 0 : Math.floor(clock.at(wallMs)),
    }))
    .sort((a, b) => a.readUntilMs - b.readUntilMs);
  const heldBackBy = read[0];
  const known = wanted.every((topic) => read.some((stream) => stream.topic === topic));
  return { untilMs: known ? (heldBackBy?.readUntilMs ?? 0) : 0, heldBackBy, streams: read };
}
