import { expect, it } from 'vitest';
import type { Subscription } from '../lib/event-bus.ts';
import { type Bed, collector, note, notes, numbers, raw, spread, until } from './bed.ts';

/** How far a group has read. */
export function positions(bed: Bed): void {
  it('goes on from the kept position after a restart of the consumer', async () => {
    const topic = notes('restart');
    const producer = bed.bus();
    const first = collector();
    const subscription: Subscription = await bed.bus().subscribe(topic, { group: 'g' }, first.handler);
    await producer.publish(
      topic,
      [1, 2, 3].map((n) => ({ key: 'k', source: 'test', event: { n } })),
    );
    await first.reaches(3);
    await subscription.close();
    await producer.publish(
      topic,
      [4, 5].map((n) => ({ key: 'k', source: 'test', event: { n } })),
    );
    const second = collector();
    await bed.bus().subscribe(topic, { group: 'g' }, second.handler);
    await second.reaches(2);
    expect(second.events.map(({ event }) => event.n)).toEqual([4, 5]);
  });

  it('begins a new group with what is published later, where asked to', async () => {
    const topic = notes('latest');
    const one = bed.bus();
    const seen = collector();
    await one.publish(topic, [{ key: 'k', source: 'test', event: { n: 1 } }]);
    await one.subscribe(topic, { group: 'g', from: 'latest' }, seen.handler);
    await one.publish(topic, [{ key: 'k', source: 'test', event: { n: 2 } }]);
    await seen.reaches(1);
    expect(seen.events.map(({ event }) => event.n)).toEqual([2]);
  });

  it('knows how much a group has yet to handle', async () => {
    const topic = notes('lag');
    const bus = bed.bus();
    await bus.publish(topic, spread(0, 30));
    expect(await bus.lag(topic.name, 'g')).toBe(30);
    const seen = collector();
    const subscription = await bus.subscribe(topic, { group: 'g' }, seen.handler);
    await until('all is handled', async () => (await bus.lag(topic.name, 'g')) === 0);
    expect(numbers(seen).size).toBe(30);
    await subscription.close();
    await bus.publish(topic, spread(30, 35));
    expect(await bus.lag(topic.name, 'g')).toBe(5);
    expect(await bus.lag(topic.name, 'another')).toBe(35);
  });

  it('shows what a topic holds, in order, and moves no position', async () => {
    const topic = notes('scan');
    const bus = bed.bus();
    const read = async (): Promise<readonly number[]> => {
      const found: number[] = [];
      for await (const { event } of bus.scan(topic)) found.push(event.n);
      return found;
    };
    expect(await read()).toEqual([]);
    await bus.publish(
      topic,
      Array.from({ length: 1200 }, (_, n) => note('k', n)),
    );
    const all = Array.from({ length: 1200 }, (_, n) => n);
    expect(await read()).toEqual(all);
    expect(await read()).toEqual(all);
    expect(await bus.lag(topic.name, 'g')).toBe(1200);
    // A reader that stops early leaves nothing behind.
    for await (const { event } of bus.scan(topic)) {
      expect(event.n).toBe(0);
      break;
    }
  });

  it('takes the content of events out, or says why not, and leaves their places', async () => {
    const topic = notes('erase');
    const bus = bed.bus();
    const bytes = raw('erase');
    await bus.publish(topic, spread(0, 40));
    const held = async (): Promise<readonly string[]> => {
      const found: string[] = [];
      for await (const { event, id, partition, position } of bus.scan(bytes))
        found.push(`${partition}/${position} ${id} ${event}`);
      return found;
    };
    const before = await held();
    const seen = collector();
    const subscription = await bus.subscribe(topic, { group: 'g' }, seen.handler);
    await until('all is handled', async () => (await bus.lag(topic.name, 'g')) === 0);
    await subscription.close();
    await bus.publish(topic, spread(40, 50));
    const { erased, left, why } = await bus.erase(topic, ({ n }) => n % 10 === 3);
    // 3, 13, 23 and 33 were read, 43 was not.
    expect(erased + left).toBe(5);
    expect(left).toBeGreaterThanOrEqual(1);
    expect(why).not.toBe('');
    const after = await held();
    const emptied = before.filter((event) => erased > 0 && / (3|13|23|33)$/.test(event));
    expect(emptied).toHaveLength(erased);
    expect(after.slice().toSorted()).toEqual(
      expect.arrayContaining(before.map((event) => (emptied.includes(event) ? event.replace(/\d+$/, '') : event))),
    );
    // Who reads on gets what is left whole.
    const rest = collector();
    await bed.bus().subscribe(topic, { group: 'g' }, rest.handler);
    await rest.reaches(10);
    expect(numbers(rest)).toEqual(new Set(Array.from({ length: 10 }, (_, index) => 40 + index)));
  });

  it('has as many partitions as it says, numbered from 0', async () => {
    const topic = notes('partitions');
    const bus = bed.bus();
    const partitions = await bus.partitions(topic.name);
    const seen = collector();
    await bus.subscribe(topic, { group: 'g' }, seen.handler);
    await bus.publish(topic, spread(0, 200));
    await seen.reaches(200);
    const used = [...new Set(seen.events.map(({ partition }) => partition))].sort((a, b) => a - b);
    expect(used).toEqual(Array.from({ length: partitions }, (_, index) => index));
  });

  it('says how far it has read also where what it had not read is kept no longer', async () => {
    const topic = notes('gone');
    const bus = bed.bus();
    const seen = collector();
    await bus.publish(topic, spread(0, 40));
    const first = await bus.subscribe(topic, { group: 'g' }, seen.handler);
    await seen.reaches(40);
    await first.close();
    await bus.publish(topic, spread(40, 80));
    await bed.subject.deleteEvents(topic.name);
    const said = new Set<number>();
    const onReadUntil = (partition: number): Promise<void> => {
      said.add(partition);
      return Promise.resolve();
    };
    await bus.subscribe(topic, { group: 'g', onReadUntil }, seen.handler);
    const partitions = await bus.partitions(topic.name);
    await until('it is said of every partition', () => said.size === partitions);
    await bus.publish(topic, [note('k', 80)]);
    await until('what comes later is read', () => numbers(seen).has(80));
    expect(numbers(seen).size).toBe(41);
  });

  it('never says that it has read past an event that is yet to come, and says how far when nothing comes', async () => {
    const topic = notes('read-until');
    const bus = bed.bus();
    const said = new Map<number, number>();
    const [early, backwards]: [string[], string[]] = [[], []];
    let [handled, lastMs] = [0, 0];
    const partitions = await bus.partitions(topic.name);
    const subscription: Subscription = await bus.subscribe(
      topic,
      {
        group: 'g',
        maxBatch: 7,
        onReadUntil: (partition, untilMs) => {
          if (untilMs < (said.get(partition) ?? 0)) backwards.push(`${partition}: ${untilMs}`);
          said.set(partition, untilMs);
          return Promise.resolve();
        },
      },
      (batch) => {
        for (const { partition, appendedMs, position } of batch) {
          if (appendedMs < (said.get(partition) ?? 0)) early.push(`${partition}/${position}`);
          lastMs = Math.max(lastMs, appendedMs);
        }
        handled += batch.length;
        return Promise.resolve();
      },
    );
    await until('it is said of every partition, though nothing has come', () => said.size === partitions);
    let published = 0;
    const end = Date.now() + 2000;
    // From several processes, which wait for each other at the broker.
    const publisher = async (): Promise<void> => {
      const producer = bed.bus();
      while (Date.now() < end) {
        const first = published;
        published += 3;
        await producer.publish(topic, spread(first, first + 3));
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
    };
    await Promise.all([publisher(), publisher(), publisher(), publisher()]);
    await until('all is handled', () => handled >= published);
    await until('every partition is said to be read past the last event', () =>
      [...said.values()].every((untilMs) => untilMs > lastMs),
    );
    await subscription.close();
    expect({ early, backwards }).toEqual({ early: [], backwards: [] });
  });
}
