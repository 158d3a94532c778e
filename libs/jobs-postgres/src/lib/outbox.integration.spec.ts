import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type EventBus,
  type IncomingEvent,
  PermanentFailure,
  type Topic,
  TransientFailure,
} from '@adstocrat/event-bus';
import { PostgresEventBus } from '@adstocrat/event-bus-postgres';
import { type TestDatabase, testDatabase } from '@adstocrat/postgres';
import { PostgresJobs } from './postgres-jobs.ts';
import type { JobsSettings } from './settings.ts';

const words: Topic<string> = {
  name: 'outbox.words',
  message: 'test.Word',
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
};

describe('the outbox', () => {
  let database: TestDatabase;
  let bus: PostgresEventBus;
  let opened: PostgresJobs[] = [];
  const heard: IncomingEvent<string>[] = [];
  beforeAll(async () => {
    database = await testDatabase();
    bus = new PostgresEventBus({ url: database.url });
    await instance().migrate();
    await bus.subscribe(words, { group: 'test' }, (batch) => {
      heard.push(...batch);
      return Promise.resolve();
    });
  });
  afterEach(async () => {
    await Promise.all(opened.map((jobs) => jobs.close()));
    opened = [];
    heard.length = 0;
  });
  afterAll(async () => {
    await bus.close();
    await database.drop();
  });

  function instance(settings: JobsSettings = {}): PostgresJobs {
    const jobs = PostgresJobs.open(database.url, { pollMs: 20, firstPauseMs: 5, ...settings });
    opened.push(jobs);
    return jobs;
  }

  const say = (jobs: PostgresJobs, key: string, word: string): Promise<void> =>
    jobs.transaction((transaction) =>
      transaction.publish(words, [{ id: `${key}/${word}`, key, source: 'test', event: word }]),
    );

  it('is sent once and in order within a key by several processes', async () => {
    const instances = [instance(), instance(), instance()];
    for (const jobs of instances) jobs.relay(bus);
    const numbers = Array.from({ length: 20 }, (_, index) => String(index));
    const keys = ['a', 'b', 'c'];
    await Promise.all(
      keys.map(async (key) => {
        for (const [index, number] of numbers.entries()) await say(instances[index % 3]!, key, number);
      }),
    );
    await until('all came', () => heard.length >= 60);
    for (const key of keys) expect(heard.filter((one) => one.key === key).map(({ event }) => event)).toEqual(numbers);
  });

  it('hands each event to the bus once, however many processes look at the same time', async () => {
    const handed: string[] = [];
    const quick = {
      publish: (...[, events]: Parameters<EventBus['publish']>) => {
        handed.push(...events.map(({ id }) => id ?? ''));
        return Promise.resolve();
      },
    } as EventBus;
    const instances = Array.from({ length: 4 }, () => instance());
    for (const jobs of instances) jobs.relay(quick);
    await Promise.all(
      instances.map(async (jobs, index) => {
        for (let word = 0; word < 100; word++) await say(jobs, `many ${index}`, String(word));
      }),
    );
    await until('all were handed over', () => new Set(handed).size >= 400);
    expect(handed).toHaveLength(400);
  });

  it('waits while the bus is away, and sends what a broken acknowledgement left under the same ids', async () => {
    const jobs = instance();
    let calls = 0;
    jobs.relay({
      publish: async (...[topic, events, options]: Parameters<EventBus['publish']>) => {
        calls += 1;
        if (calls <= 3) throw new TransientFailure('the bus is away');
        await bus.publish(topic, events, options);
        if (calls === 4) throw new TransientFailure('no acknowledgement');
      },
    } as EventBus);
    await say(jobs, 'k', 'one');
    await say(jobs, 'k', 'two');
    await until('both were sent', () => calls >= 5);
    await say(jobs, 'k', 'three');
    await until('the third came', () => heard.some(({ event }) => event === 'three'));
    expect(heard.map(({ event }) => event)).toEqual(['one', 'two', 'three']);
  });

  it('is sent by another where a process stands still with it in its hands', async () => {
    const [still, other] = [instance({ leaseMs: 300 }), instance()];
    const [held, moved] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    still.relay({
      publish: () => {
        held.resolve();
        return moved.promise;
      },
    } as unknown as EventBus);
    await say(still, 'k', 'held');
    await held.promise;
    other.relay(bus);
    await until('the other sent it', () => heard.length > 0);
    expect(heard.map(({ event }) => event)).toEqual(['held']);
    moved.reject(new TransientFailure('it stood still'));
  });

  it('sets aside what the bus refuses for good, and goes on', async () => {
    const jobs = instance();
    jobs.relay({
      publish: (...[topic, events, options]: Parameters<EventBus['publish']>) =>
        events.some(({ id }) => id === 'k/no')
          ? Promise.reject(new PermanentFailure('event 0 is not taken'))
          : bus.publish(topic, events, options),
    } as EventBus);
    await jobs.transaction((transaction) =>
      transaction.publish(
        words,
        ['before', 'no', 'after'].map((word) => ({ id: `k/${word}`, key: 'k', source: 'test', event: word })),
      ),
    );
    await until('the others came', () => heard.length >= 2);
    expect(heard.map(({ event }) => event)).toEqual(['before', 'after']);
  });
});

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 240_000; !holds();) {
    if (Date.now() > end) throw new Error(`waited 20 s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
