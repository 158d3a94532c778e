import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  deadLetterTopic,
  type EventBus,
  EventBusClosed,
  type IncomingEvent,
  PermanentFailure,
  type Subscription,
  type Topic,
} from './lib/event-bus.ts';

/** An adapter under test, on a broker that nothing else uses. */
export interface EventBusUnderTest {
  /** A new connection, as another process has. The suite closes it. */
  open(): EventBus;
  /** Stops the broker as a crash would and starts it again; events that were published are kept. */
  restartBroker(): Promise<void>;
  close(): Promise<void>;
}

interface Note {
  readonly n: number;
}

const text = { encode: new TextEncoder(), decode: new TextDecoder() };

/** A topic of its own for each test. Decoding `!` fails. */
function notes(name: string): Topic<Note> {
  return {
    name: `contract.${name}`,
    message: 'contract.Note',
    encode: ({ n }) => text.encode.encode(String(n)),
    decode: (bytes) => {
      const n = Number(text.decode.decode(bytes));
      if (Number.isNaN(n)) throw new Error('no number');
      return { n };
    },
  };
}

const raw = (name: string): Topic<string> => ({
  name: `contract.${name}`,
  message: 'contract.Text',
  encode: (value) => text.encode.encode(value),
  decode: (bytes) => text.decode.decode(bytes),
});

/** What every {@link EventBus} keeps. */
export function eventBusContract(name: string, start: () => Promise<EventBusUnderTest>): void {
  describe(`${name} as an event bus`, { timeout: 60_000 }, () => {
    let subject: EventBusUnderTest;
    const open: EventBus[] = [];
    const bus = (): EventBus => {
      const one = subject.open();
      open.push(one);
      return one;
    };
    beforeAll(async () => {
      subject = await start();
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map((one) => one.close()));
    });
    afterAll(() => subject.close());

    it('delivers the events of one key in the order of their publishing, once to each group', async () => {
      const topic = notes('order');
      const [left, right] = [collector(), collector()];
      const consumer = bus();
      await consumer.subscribe(topic, { group: 'left' }, left.handler);
      await consumer.subscribe(topic, { group: 'right' }, right.handler);
      const producer = bus();
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
      for (const member of [bus(), bus()])
        for (const [index, topic] of topics.entries())
          await member.subscribe(topic, { group: 'service' }, (seen[index] as (typeof seen)[number]).handler);
      const producer = bus();
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
      const one = bus();
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
      const leaving = await bus().subscribe(topic, { group: 'g' }, first.handler);
      await bus().subscribe(topic, { group: 'g' }, second.handler);
      const producer = bus();
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

    it('delivers again after a failure, then puts only the event at fault aside, with the reason', async () => {
      const topic = notes('poison');
      const done: number[] = [];
      let attempts = 0;
      const one = bus();
      const dead = collector();
      await one.subscribe(notesOfDeadLetters(topic), { group: 'dead' }, dead.handler);
      await one.subscribe(topic, { group: 'g', maxAttempts: 3 }, (batch) => {
        if (batch.some(({ event }) => event.n === 5)) {
          attempts += 1;
          return Promise.reject(new Error('five is right out'));
        }
        done.push(...batch.map(({ event }) => event.n));
        return Promise.resolve();
      });
      await one.publish(
        topic,
        Array.from({ length: 10 }, (_, n) => ({ key: 'k', source: 'test', event: { n } })),
      );
      await dead.reaches(1);
      expect(dead.events[0]?.event.n).toBe(5);
      expect(dead.events[0]?.headers['dead_letter_reason']).toContain('five is right out');
      expect(dead.events[0]?.headers['dead_letter_attempts']).toBe('3');
      expect(attempts).toBeGreaterThanOrEqual(3);
      await until('the others are handled', () => new Set(done).size === 9);
    });

    it('puts bytes that do not decode aside and goes on', async () => {
      const topic = notes('undecodable');
      const one = bus();
      const [seen, dead] = [collector(), textCollector()];
      await one.subscribe(raw('undecodable.dead-letter'), { group: 'dead' }, dead.handler);
      await one.subscribe(topic, { group: 'g' }, seen.handler);
      await one.publish(raw('undecodable'), [
        { key: 'k', source: 'test', event: 'no number at all' },
        { key: 'k', source: 'test', event: '7' },
      ]);
      await seen.reaches(1);
      expect(seen.events[0]?.event.n).toBe(7);
      await dead.reaches(1);
      expect(dead.events[0]?.event).toBe('no number at all');
      expect(dead.events[0]?.headers['dead_letter_reason']).toContain('contract.Note');
    });

    it('goes on from the kept position after a restart of the consumer', async () => {
      const topic = notes('restart');
      const producer = bus();
      const first = collector();
      const subscription: Subscription = await bus().subscribe(topic, { group: 'g' }, first.handler);
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
      await bus().subscribe(topic, { group: 'g' }, second.handler);
      await second.reaches(2);
      expect(second.events.map(({ event }) => event.n)).toEqual([4, 5]);
    });

    it('begins a new group with what is published later, where asked to', async () => {
      const topic = notes('latest');
      const one = bus();
      const seen = collector();
      await one.publish(topic, [{ key: 'k', source: 'test', event: { n: 1 } }]);
      await one.subscribe(topic, { group: 'g', from: 'latest' }, seen.handler);
      await one.publish(topic, [{ key: 'k', source: 'test', event: { n: 2 } }]);
      await seen.reaches(1);
      expect(seen.events.map(({ event }) => event.n)).toEqual([2]);
    });

    it('loses nothing when the broker crashes and comes back', async () => {
      const topic = notes('crash');
      const one = bus();
      const seen = collector();
      await one.subscribe(topic, { group: 'g' }, seen.handler);
      await one.publish(topic, [{ key: 'k', source: 'test', event: { n: 1 } }]);
      await seen.reaches(1);
      await subject.restartBroker();
      await until('publishing works again', () =>
        one.publish(topic, [{ id: 'second', key: 'k', source: 'test', event: { n: 2 } }]).then(
          () => true,
          () => false,
        ),
      );
      await until('both arrived', () => new Set(seen.events.map(({ event }) => event.n)).size === 2);
    });

    it('refuses an event without a key, and everything once closed', async () => {
      const one = bus();
      await expect(one.publish(notes('keyless'), [{ key: '', source: 'test', event: { n: 1 } }])).rejects.toThrow(
        PermanentFailure,
      );
      await one.close();
      await expect(one.publish(notes('keyless'), [{ key: 'k', source: 'test', event: { n: 1 } }])).rejects.toThrow(
        EventBusClosed,
      );
    });
  });
}

function notesOfDeadLetters(topic: Topic<Note>): Topic<Note> {
  return { ...topic, name: deadLetterTopic(topic.name) };
}

interface Collector<T> {
  readonly events: IncomingEvent<T>[];
  readonly handler: (batch: readonly IncomingEvent<T>[]) => Promise<void>;
  reaches(count: number): Promise<void>;
}

function gather<T>(): Collector<T> {
  const events: IncomingEvent<T>[] = [];
  return {
    events,
    handler: (batch) => {
      events.push(...batch);
      return Promise.resolve();
    },
    reaches: (count) => until(`${count} events arrive`, () => events.length >= count),
  };
}

const collector = (): Collector<Note> => gather<Note>();
const textCollector = (): Collector<string> => gather<string>();

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; !(await holds());) {
    if (Date.now() > end) throw new Error(`waited 30 s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
