import { expect, it } from 'vitest';
import type { EventRefused } from '../lib/cloud-event.ts';
import { EventBusClosed, PermanentFailure } from '../lib/event-bus.ts';
import { type Bed, collector, note, notes, numbers, spread, until } from './bed.ts';

/** What is taken and what is refused. */
export function publishing(bed: Bed): void {
  it.each([
    { what: 'an empty key', event: { key: '' } },
    { what: 'an empty id', event: { id: '' } },
    { what: 'a NUL', event: { id: 'a\u0000b' } },
    { what: 'a line break', event: { key: 'a\nb' } },
    { what: 'a lone surrogate', event: { id: 'a\ud800' } },
    { what: '257 bytes', event: { id: 'é'.repeat(128) + 'x' } },
    { what: '8 kB', event: { key: 'x'.repeat(8192) } },
  ])('refuses $what, names the event, and publishes none of its companions', async ({ event }) => {
    const topic = notes('refused');
    const bus = bed.bus();
    const events = [note('k', 1), { ...note('k', 2), ...event }, note('k', 3)];
    const refusal = await bus.publish(topic, events).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(PermanentFailure);
    expect((refusal as EventRefused).index).toBe(1);
    expect(await bus.lag(topic.name, 'g')).toBe(0);
  });

  it('takes ids and keys of 256 bytes in any script', async () => {
    const topic = notes('scripts');
    const bus = bed.bus();
    const seen = collector();
    await bus.subscribe(topic, { group: 'g' }, seen.handler);
    const names = ['é'.repeat(128), 'кампания, 広告, 😀', ' x '];
    await bus.publish(
      topic,
      names.map((name, n) => ({ ...note(name, n), id: name })),
    );
    await seen.reaches(3);
    const byNumber = seen.events.toSorted((a, b) => a.event.n - b.event.n);
    expect(byNumber.map(({ id, key }) => [id, key])).toEqual(names.map((name) => [name, name]));
  });

  it('takes a publish of any size, and many at once', async () => {
    const topic = notes('sizes');
    const bus = bed.bus();
    const seen = collector();
    await bus.subscribe(topic, { group: 'g' }, seen.handler);
    // 20,000 at once are more than a broker takes in one request; then 200 callers of one moment.
    await bus.publish(topic, spread(0, 20_000));
    await Promise.all(Array.from({ length: 200 }, (_, index) => bus.publish(topic, [note('k', 20_000 + index)])));
    await until('all have come', () => numbers(seen).size === 20_200);
    const ofKey = seen.events.filter(({ key }) => key === 'k').map(({ event }) => event.n);
    expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
  });

  it('refuses everything once closed', async () => {
    const topic = notes('closed');
    const bus = bed.bus();
    await bus.close();
    await expect(bus.publish(topic, [note('k', 1)])).rejects.toThrow(EventBusClosed);
    await expect(bus.subscribe(topic, { group: 'g' }, () => Promise.resolve())).rejects.toThrow(EventBusClosed);
    await expect(bus.lag(topic.name, 'g')).rejects.toThrow(EventBusClosed);
  });
}
