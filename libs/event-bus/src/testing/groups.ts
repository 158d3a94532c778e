import { expect, it } from 'vitest';
import type { Subscription } from '../lib/event-bus.ts';
import { type Bed, collector, note, notes, numbers, spread, until } from './bed.ts';

/** Order within a key, and who reads what. */
export function groups(bed: Bed): void {
  it('delivers the events of one key in the order of their publishing, once to each group', async () => {
    const topic = notes('order');
    const [left, right] = [collector(), collector()];
    const consumer = bed.bus();
    await consumer.subscribe(topic, { group: 'left' }, left.handler);
    await consumer.subscribe(topic, { group: 'right' }, right.handler);
    const producer = bed.bus();
    for (let first = 0; first < 200; first += 20) {
      await producer.publish(
        topic,
        Array.from({ length: 20 }, (_, index) => ({
          key: `k${index % 3}`,
          source: 'test',
          event: { n: first + index },
        })),
      );
    }
    for (const side of [left, right]) {
      await side.reaches(200);
      for (const key of ['k0', 'k1', 'k2']) {
        const seen = side.events.filter((event) => event.key === key).map(({ event }) => event.n);
        expect(seen).toEqual([...seen].sort((a, b) => a - b));
      }
      expect(new Set(side.events.map(({ event }) => event.n)).size).toBe(200);
    }
  });

  it('gives a group that takes several topics all of each', async () => {
    const topics = ['first', 'second', 'third'].map((one) => notes(`several-${one}`));
    // Two members, as two processes of one service, each with all of its subscriptions.
    const seen = topics.map(() => collector());
    for (const member of [bed.bus(), bed.bus()])
      for (const [index, topic] of topics.entries())
        await member.subscribe(topic, { group: 'service' }, (seen[index] as (typeof seen)[number]).handler);
    const producer = bed.bus();
    for (const topic of topics)
      await producer.publish(
        topic,
        Array.from({ length: 60 }, (_, n) => ({ key: `k${n}`, source: 'test', event: { n } })),
      );
    for (const side of seen) {
      await side.reaches(60);
      expect(new Set(side.events.map(({ event }) => event.n)).size).toBe(60);
    }
  });

  it('carries CloudEvents headers and the id that was given', async () => {
    const topic = notes('headers');
    const seen = collector();
    const one = bed.bus();
    await one.subscribe(topic, { group: 'g' }, seen.handler);
    await one.publish(topic, [
      { id: 'the-id', key: 'the-key', source: 'contract', timeMs: Date.UTC(2026, 0, 2), event: { n: 1 } },
    ]);
    await seen.reaches(1);
    expect(seen.events[0]).toMatchObject({ id: 'the-id', key: 'the-key', topic: topic.name });
    expect(seen.events[0]?.headers).toMatchObject({
      ce_id: 'the-id',
      ce_source: 'contract',
      ce_type: topic.name,
      ce_specversion: '1.0',
      ce_partitionkey: 'the-key',
      ce_time: '2026-01-02T00:00:00.000Z',
    });
  });

  it('shares the partitions between the members of a group and hands them over when one leaves', async () => {
    const topic = notes('rebalance');
    const [first, second] = [collector(), collector()];
    const leaving = await bed.bus().subscribe(topic, { group: 'g' }, first.handler);
    await bed.bus().subscribe(topic, { group: 'g' }, second.handler);
    const producer = bed.bus();
    let n = 0;
    const send = (): Promise<void> =>
      producer.publish(
        topic,
        Array.from({ length: 40 }, () => ({ key: `key-${n}`, source: 'test', event: { n: n++ } })),
      );
    await until('both members get events', async () => {
      await send();
      return first.events.length > 0 && second.events.length > 0;
    });
    await leaving.close();
    const before = first.events.length;
    await send();
    await until(
      'nothing is lost',
      () => new Set([...first.events, ...second.events].map(({ event }) => event.n)).size === n,
    );
    expect(first.events.length).toBe(before);
  });

  it('has a reader for every partition however often a member leaves and comes back', async () => {
    const topic = notes('comings-and-goings');
    const [staying, moving] = [collector(), collector()];
    await bed.bus().subscribe(topic, { group: 'g' }, staying.handler);
    const producer = bed.bus();
    let published = 0;
    for (let round = 0; round <= bed.scale.restarts; round += 1) {
      const mover = bed.bus();
      const subscription: Subscription = await mover.subscribe(topic, { group: 'g' }, moving.handler);
      await producer.publish(topic, spread(published, (published += 40)));
      await until('everything is read by two', () => numbers(staying, moving).size === published);
      await subscription.close();
      await producer.publish(topic, spread(published, (published += 40)));
      await until('everything is read by one', () => numbers(staying, moving).size === published);
      await mover.close();
    }
  });

  it('reads the other partitions while one is in a handler that takes its time', async () => {
    const topic = notes('slow-partition');
    const bus = bed.bus();
    const release = Promise.withResolvers<void>();
    const seen = collector();
    await bus.subscribe(topic, { group: 'g' }, async (batch) => {
      if (batch.some(({ key }) => key === 'slow')) await release.promise;
      await seen.handler(batch);
    });
    await bus.publish(topic, [note('slow', 0)]);
    // Some of these keys lie in the slow one's partition, most do not.
    await bus.publish(topic, spread(1, 41));
    await until('the others are read', () => seen.events.length >= 20);
    expect(seen.events.some(({ key }) => key === 'slow')).toBe(false);
    await bus.publish(topic, spread(41, 81));
    await until('and read on', () => seen.events.some(({ event }) => event.n > 40));
    release.resolve();
    await until('nothing is lost', () => numbers(seen).size === 81);
  });
}
