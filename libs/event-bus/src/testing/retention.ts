import { expect, it } from 'vitest';
import { type Bed, collector, deadLettersOf, notes, numbers, spread, until } from './bed.ts';

/** What is deleted, where the adapter does that. */
export function retention(bed: Bed): void {
  it('keeps what a slow group has not read, whatever others have read, and then deletes it', async () => {
    const { openForgetful } = bed.subject;
    if (openForgetful === undefined) expect.fail('an adapter that deletes has a connection to show it with');
    const topic = notes('retention');
    const { bus, forget } = openForgetful();
    try {
      const [fast, slow] = [collector(), collector()];
      const held = Promise.withResolvers<void>();
      await bus.subscribe(topic, { group: 'fast' }, fast.handler);
      await bus.subscribe(topic, { group: 'slow' }, async (batch) => {
        await held.promise;
        await slow.handler(batch);
      });
      const count = async (): Promise<number> => {
        let found = 0;
        for await (const _ of bus.scan(topic)) found += 1;
        return found;
      };
      await bus.publish(topic, spread(0, 100));
      await until('the fast group has read it', async () => (await bus.lag(topic.name, 'fast')) === 0);
      await forget();
      expect(await count()).toBe(100);
      held.resolve();
      await until('the slow group has read it', async () => (await bus.lag(topic.name, 'slow')) === 0);
      expect(numbers(slow).size).toBe(100);
      await forget();
      expect(await count()).toBe(0);
      // What is forgotten may come again.
      await bus.publish(topic, [{ ...spread(0, 1)[0]!, id: 'again' }]);
      await until('it is read', async () => (await bus.lag(topic.name, 'slow')) === 0);
      // Dead letters wait for people, read or not, and a topic that nobody reads goes with its age.
      await bus.publish(deadLettersOf(topic), spread(0, 10));
      await forget();
      expect(await bus.lag(deadLettersOf(topic).name, 'replay')).toBe(0);
    } finally {
      await bus.close();
    }
  });
}
