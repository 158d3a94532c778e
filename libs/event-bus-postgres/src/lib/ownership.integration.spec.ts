import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from 'pg';
import type { Topic } from '@adstocrat/event-bus';
import { type TestDatabase, testDatabase } from '@adstocrat/postgres';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { PostgresEventBus } from './postgres-event-bus.ts';

const words = (name: string): Topic<string> => ({
  name,
  message: 'spec.Word',
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
});

const spread = (count: number): readonly { readonly key: string; readonly source: string; readonly event: string }[] =>
  Array.from({ length: count }, (_, index) => ({ key: `key-${index}`, source: 'spec', event: `${index}` }));

describe('who owns the partitions of a group', () => {
  let database: TestDatabase;
  let pool: Pool;
  const open: PostgresEventBus[] = [];
  const bus = (): PostgresEventBus => {
    const one = new PostgresEventBus({ url: database.url });
    open.push(one);
    return one;
  };
  beforeAll(async () => {
    database = await testDatabase();
    pool = openPool(database.url);
  });
  afterAll(async () => {
    await Promise.all(open.map((one) => one.close()));
    await closePool(pool);
    await database.drop();
  });
  /** Partitions of each owner, the most first; 0 stands for those that nobody owns. */
  const shares = async (group: string): Promise<readonly number[]> => {
    const { rows } = await pool.query<{ owned: number }>(
      'SELECT count(owner) AS owned FROM event_log.positions WHERE "group" = $1 GROUP BY owner ORDER BY owned DESC',
      [group],
    );
    return rows.map(({ owned }) => owned);
  };

  it('shares them evenly, whoever comes and goes', async () => {
    const topic = words('shares');
    const subscriptions = [];
    for (let members = 1; members <= 5; members += 1)
      subscriptions.push(await bus().subscribe(topic, { group: 'shares' }, () => Promise.resolve()));
    // 4 partitions among 5: one each, and one member waits.
    await expect.poll(() => shares('shares'), { timeout: 240_000 }).toEqual([1, 1, 1, 1]);
    await subscriptions[0]?.close();
    await subscriptions[1]?.close();
    await expect.poll(() => shares('shares'), { timeout: 240_000 }).toEqual([2, 1, 1]);
    await subscriptions[2]?.close();
    await subscriptions[3]?.close();
    await expect.poll(() => shares('shares'), { timeout: 240_000 }).toEqual([4]);
  });

  it('gives back what it holds beyond its share, also where it never began to read it', async () => {
    const topic = words('surplus');
    const [one, other] = [bus(), bus()];
    let seen = 0;
    for (const member of [one, other])
      await member.subscribe(topic, { group: 'surplus' }, (batch) => {
        seen += batch.length;
        return Promise.resolve();
      });
    await expect.poll(() => shares('surplus'), { timeout: 240_000 }).toEqual([2, 2]);
    // As a member that found the other's lease over, and could not give back before the database went away.
    await pool.query(
      `UPDATE event_log.positions SET epoch = epoch + 1, owner = (SELECT min(owner::text)::uuid FROM event_log.positions WHERE "group" = 'surplus')
       WHERE "group" = 'surplus'`,
    );
    await expect.poll(() => shares('surplus'), { timeout: 240_000 }).toEqual([2, 2]);
    await one.publish(topic, spread(40));
    await expect.poll(() => seen, { timeout: 240_000 }).toBe(40);
  });

  it('lets a member that lost its partition move no position', async () => {
    const topic = words('fence');
    const inHand = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const member = bus();
    await member.subscribe(topic, { group: 'fence' }, async () => {
      inHand.resolve();
      await release.promise;
    });
    await member.publish(topic, [{ key: 'k', source: 'spec', event: 'x' }]);
    await inHand.promise;
    // As another member does that finds the lease over.
    const thief = randomUUID();
    await pool.query(
      `INSERT INTO event_log.members (member, "group", topic, lease_until)
       SELECT $1, 'fence', number, now() + interval '15 seconds' FROM event_log.topics WHERE name = 'fence'`,
      [thief],
    );
    await pool.query(`UPDATE event_log.positions SET owner = $1, epoch = epoch + 1 WHERE "group" = 'fence'`, [thief]);
    release.resolve();
    await member.close();
    expect(await bus().lag('fence', 'fence')).toBe(1);
    expect(await shares('fence')).toEqual([4]);
  });

  it.each([
    { what: 'is over', until: '-1 second', name: 'takeover' },
    { what: 'was given before the clock was set back by an hour', until: '1 hour', name: 'set-back' },
  ])('takes the partitions of a member whose lease $what', async ({ until, name }) => {
    const topic = words(name);
    const [early, late] = [bus(), bus()];
    await early.publish(topic, spread(40));
    await (await early.subscribe(topic, { group: name }, () => Promise.resolve())).close();
    const dead = randomUUID();
    await pool.query(
      `INSERT INTO event_log.members (member, "group", topic, lease_until)
       SELECT $1, $2, number, now() + $3::interval FROM event_log.topics WHERE name = $2`,
      [dead, name, until],
    );
    await pool.query(`UPDATE event_log.positions SET owner = $1, position = 0 WHERE "group" = $2`, [dead, name]);
    const seen = new Set<string>();
    await late.subscribe(topic, { group: name }, (batch) => {
      for (const { event } of batch) seen.add(event);
      return Promise.resolve();
    });
    await expect.poll(() => seen.size, { timeout: 240_000 }).toBe(40);
  });

  it('reads the partitions that a topic was given later, whoever publishes to them', async () => {
    const topic = words('growth');
    const [publisher, reader] = [bus(), bus()];
    const partitions = new Set<number>();
    let seen = 0;
    await publisher.publish(topic, spread(40));
    await reader.subscribe(topic, { group: 'growth' }, (batch) => {
      for (const { partition } of batch) partitions.add(partition);
      seen += batch.length;
      return Promise.resolve();
    });
    expect(await publisher.partitions('growth')).toBe(4);
    await reader.grow('growth', 8);
    expect(await publisher.partitions('growth')).toBe(8);
    await expect(reader.grow('growth', 2)).rejects.toThrow('they are not taken away');
    await publisher.publish(topic, spread(200));
    await expect.poll(() => seen, { timeout: 240_000 }).toBe(240);
    expect([...partitions].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('starts, reads and writes beside a backup, which holds its tables for long', async () => {
    const topic = words('backup');
    await bus().publish(topic, spread(1));
    const backup = await pool.connect();
    try {
      await backup.query('BEGIN; LOCK TABLE event_log.batches IN ACCESS SHARE MODE');
      const late = bus();
      let seen = 0;
      await late.subscribe(topic, { group: 'backup' }, (batch) => {
        seen += batch.length;
        return Promise.resolve();
      });
      await late.publish(topic, spread(1), { timeoutMs: 5000 });
      await expect.poll(() => seen, { timeout: 240_000 }).toBe(2);
    } finally {
      await backup.query('ROLLBACK');
      backup.release();
    }
  });

  it('tells of what a group leaves unread, and deletes nothing of it', async () => {
    const topic = words('unread');
    const notices: object[] = [];
    const watching = new PostgresEventBus({
      url: database.url,
      retention: { readMs: 0, nobodyMs: 0, unreadMs: 0 },
      onDelivery: (notice) => notices.push(notice),
    });
    open.push(watching);
    await (await watching.subscribe(topic, { group: 'away' }, () => Promise.resolve())).close();
    await watching.publish(topic, [{ key: 'k', source: 'spec', event: 'x' }]);
    await watching.retain();
    expect(notices).toContainEqual(expect.objectContaining({ kind: 'unread', topic: 'unread', group: 'away' }));
    expect(await watching.lag('unread', 'away')).toBe(1);
    // The group was last seen long ago: it holds nothing back any more.
    await pool.query(`UPDATE event_log.groups SET seen_at = now() - interval '8 days' WHERE "group" = 'away'`);
    await watching.retain();
    expect(await watching.lag('unread', 'away')).toBe(0);
  });

  it('forgets a group that nobody attends any more, and takes it for a new one where it comes back', async () => {
    const topic = words('forgotten');
    const one = bus();
    const seen: string[] = [];
    const handler = (batch: readonly { readonly event: string }[]): Promise<void> => {
      seen.push(...batch.map(({ event }) => event));
      return Promise.resolve();
    };
    for (const group of ['gone', 'there'])
      await (await one.subscribe(topic, { group, from: 'latest' }, handler)).close();
    await pool.query(`UPDATE event_log.groups SET seen_at = now() - interval '31 days' WHERE "group" = 'gone'`);
    await one.retain();
    const left = async (): Promise<unknown> =>
      (
        await pool.query(
          `SELECT "group", count(*) AS positions FROM event_log.groups JOIN event_log.positions USING ("group", topic)
           WHERE "group" IN ('gone', 'there') GROUP BY "group"`,
        )
      ).rows;
    expect(await left()).toEqual([{ group: 'there', positions: 4 }]);
    expect(await shares('gone')).toEqual([]);
    await one.subscribe(topic, { group: 'gone', from: 'latest' }, handler);
    await one.publish(topic, [{ key: 'k', source: 'spec', event: 'x' }]);
    await expect.poll(() => seen, { timeout: 240_000 }).toEqual(['x']);
  });
});
