import { expect, it } from 'vitest';
import type { DeliveryNotice } from '../lib/delivery-notice.ts';
import { PermanentFailure, TransientFailure } from '../lib/event-bus.ts';
import { type Bed, collector, deadLettersOf, gather, note, notes, numbers, raw, spread, until } from './bed.ts';

/** What follows when a handler fails. */
export function failures(bed: Bed): void {
  it('delivers again after a failure, then puts only the event at fault aside, with the reason', async () => {
    const topic = notes('poison');
    const done: number[] = [];
    let attempts = 0;
    const one = bed.bus();
    const dead = collector();
    await one.subscribe(deadLettersOf(topic), { group: 'dead' }, dead.handler);
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
    const one = bed.bus();
    const [seen, dead] = [collector(), gather<string>()];
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

  it('puts an event aside at once where its failure is permanent, and tells of it', async () => {
    const topic = notes('permanent');
    const notices: DeliveryNotice[] = [];
    const bus = bed.bus({ onDelivery: (notice) => notices.push(notice) });
    const [seen, dead] = [collector(), collector()];
    await bus.subscribe(deadLettersOf(topic), { group: 'dead' }, dead.handler);
    await bus.subscribe(topic, { group: 'g' }, async (batch) => {
      if (batch.some(({ event }) => event.n === 2)) throw new PermanentFailure('two is impossible');
      await seen.handler(batch);
    });
    await bus.publish(
      topic,
      [1, 2, 3].map((n) => note('k', n)),
    );
    await dead.reaches(1);
    await until('the others are handled', () => numbers(seen).size === 2);
    expect(dead.events.map(({ event, headers }) => [event.n, headers['dead_letter_attempts']])).toEqual([[2, '1']]);
    expect(notices).toEqual([
      expect.objectContaining({
        kind: 'dead-lettered',
        topic: topic.name,
        group: 'g',
        attempts: 1,
        reason: expect.stringContaining('two is impossible') as string,
      }),
    ]);
  });

  it.each([
    { why: 'the handler says so', error: () => new TransientFailure('the store is away'), answers: undefined },
    {
      why: 'a driver cannot connect',
      error: () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
      answers: undefined,
    },
    { why: 'what it depends on does not answer', error: () => new Error('odd'), answers: () => Promise.resolve(false) },
  ])('waits for a dependency that is away, known because $why', async ({ why, error, answers }) => {
    const topic = notes(`away-${why.length}`);
    const notices: DeliveryNotice[] = [];
    const bus = bed.bus({ onDelivery: (notice) => notices.push(notice) });
    const seen = collector();
    let [away, calls] = [true, 0];
    await bus.subscribe(
      topic,
      { group: 'g', maxAttempts: 2, ...(answers === undefined ? {} : { dependenciesAnswer: answers }) },
      async (batch) => {
        if (batch.some(({ key }) => key === 'k')) calls += 1;
        if (away && batch.some(({ key }) => key === 'k')) throw error();
        await seen.handler(batch);
      },
    );
    await bus.publish(
      topic,
      [1, 2, 3].map((n) => note('k', n)),
    );
    const end = Date.now() + bed.scale.awayMs;
    // More attempts than would put an event aside.
    await until('it was away for long enough', () => calls > 3 && Date.now() > end);
    await bus.publish(topic, spread(100, 140));
    await until('other partitions are read meanwhile', () => seen.events.length >= 20);
    away = false;
    await until('everything is handled', () => numbers(seen).size === 43);
    const ofKey = seen.events.filter(({ key }) => key === 'k').map(({ event }) => event.n);
    expect(ofKey).toEqual([1, 2, 3]);
    expect(await bus.lag(deadLettersOf(topic).name, 'nobody')).toBe(0);
    expect(notices.map(({ kind }) => kind)).toEqual(['paused', 'resumed']);
  });
}
