import { expect, it } from 'vitest';
import { EventBusClosed, TransientFailure } from '../lib/event-bus.ts';
import { type Bed, collector, deadLettersOf, note, notes, numbers, publishAtLast, spread, until } from './bed.ts';

/** What holds while the broker is away, and after. */
export function outages(bed: Bed): void {
  it('loses nothing, and has a reader for every partition, when the broker crashes under two members', async () => {
    const topic = notes('crashes');
    const sides = [collector(), collector()] as const;
    const [left, right, producer] = [bed.bus(), bed.bus(), bed.bus()];
    await left.subscribe(topic, { group: 'g' }, sides[0].handler);
    await right.subscribe(topic, { group: 'g' }, sides[1].handler);
    let published = 0;
    for (let restart = 0; restart <= bed.scale.restarts; restart += 1) {
      await publishAtLast(producer, topic, spread(published, (published += 40)));
      await until(`all is read after ${restart} restarts`, () => numbers(...sides).size === published);
      if (restart === bed.scale.restarts) break;
      await bed.subject.killBroker();
      await bed.subject.startBroker();
    }
    const { waitingSessions } = bed.subject;
    if (waitingSessions !== undefined)
      await until('each process waits in one session', async () => (await waitingSessions()) === 2);
  }, 3_600_000);

  it('reads dead letters right after a restart', async () => {
    const topic = notes('dead-after-restart');
    const bus = bed.bus();
    await bus.publish(deadLettersOf(topic), spread(0, 20));
    await bed.subject.killBroker();
    await bed.subject.startBroker();
    const late = bed.bus();
    const seen = collector();
    const join = (): Promise<boolean> =>
      late.subscribe(deadLettersOf(topic), { group: 'replay' }, seen.handler).then(
        () => true,
        () => false,
      );
    await until('it can be subscribed to', join);
    await until('all is handled', async () => (await late.lag(deadLettersOf(topic).name, 'replay')) === 0);
    expect(numbers(seen).size).toBe(20);
  });

  it.each([
    {
      state: 'away',
      begin: () => bed.subject.killBroker(),
      end: () => bed.subject.startBroker(),
    },
    {
      state: 'hanging',
      begin: () => Promise.resolve(bed.subject.freezeBroker()),
      end: () => Promise.resolve(bed.subject.thawBroker()),
    },
  ])(
    'gives up a publish after its timeout and a close after its bound while the broker is $state',
    async ({ state, begin, end }) => {
      const topic = notes(`broker-${state}`);
      const bus = bed.bus();
      await bus.subscribe(topic, { group: 'g' }, () => Promise.resolve());
      await bus.publish(topic, [note('k', 1)]);
      await begin();
      try {
        // One that was just told to stand still may answer once more.
        await until('a publish is given up', async () => {
          const failure = await bus.publish(topic, [note('k', 2)], { timeoutMs: 300 }).catch((error: unknown) => error);
          if (failure !== undefined) expect(failure).toBeInstanceOf(TransientFailure);
          return failure !== undefined;
        });
        const waiting = expect(bus.publish(topic, [note('k', 3)], { timeoutMs: 600_000 })).rejects.toThrow(
          TransientFailure,
        );
        // The test's own timeout fails where either hangs.
        await bus.close();
        await waiting;
        await expect(bus.publish(topic, [note('k', 4)])).rejects.toThrow(EventBusClosed);
      } finally {
        await end();
      }
    },
  );
}
