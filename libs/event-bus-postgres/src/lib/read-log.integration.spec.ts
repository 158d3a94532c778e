import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from 'pg';
import type { EncodedEvent } from '@adstocrat/event-bus';
import { type TestDatabase, testDatabase } from '@adstocrat/postgres';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { appendEvents } from './append-events.ts';
import { LogTopics } from './log-topics.ts';
import { readLog } from './read-log.ts';

const eventOf = (index: number, bytes: number): EncodedEvent => ({
  id: `id-${index}`,
  key: 'k',
  headers: {},
  data: Buffer.alloc(bytes, 'repeats itself '),
});

describe('reading the log', () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await testDatabase();
    pool = openPool(database.url);
  });
  afterAll(async () => {
    await closePool(pool);
    await database.drop();
  });

  it('holds few of the events that are small in the log and large in memory at once, and skips none', async () => {
    const topic = await new LogTopics(pool, 1).get('large');
    for (let batch = 0; batch < 20; batch += 1)
      await appendEvents(
        pool,
        topic,
        Array.from({ length: 4 }, (_, index) => eventOf(batch * 4 + index, 800_000)),
      );
    const { rows } = await pool.query<{ stored: number }>('SELECT sum(length(body)) AS stored FROM event_log.batches');
    expect(rows[0]?.stored).toBeLessThan(1_000_000);
    const positions: number[] = [];
    for (const events of await readLog(pool, topic, 0, 1, 1000)) {
      // 4 MB hold one batch of 4 × 800 kB.
      expect(events.reduce((sum, { data }) => sum + data.length, 0)).toBeLessThanOrEqual(3_200_000);
      positions.push(...events.map(({ position }) => Number(position)));
    }
    expect(positions).toEqual(Array.from({ length: 79 }, (_, index) => index + 2));
  });

  it('gathers small batches up to what is wanted', async () => {
    const topic = await new LogTopics(pool, 1).get('small');
    for (let index = 0; index < 30; index += 1) await appendEvents(pool, topic, [eventOf(index, 10)]);
    const lists = [...(await readLog(pool, topic, 0, 5, 20))];
    expect(lists.map((list) => list.map(({ position }) => Number(position)))).toEqual([
      Array.from({ length: 20 }, (_, index) => index + 6),
    ]);
  });
});
