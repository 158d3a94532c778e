import { deadLetterTopic, type EventBus, type Topic } from '@adstocrat/event-bus';
import { events, topics } from '@adstocrat/schemas';
import type { Person } from '@adstocrat/service-kit';
import { type ForgottenRows, taken } from './forgotten-rows.ts';

/** Events as the bus has them: a dead letter may be no message. */
const rawTopic = (name: string): Topic<Uint8Array> => ({
  name,
  message: topics.exampleLabelled.message,
  encode: (bytes) => bytes,
  decode: (bytes) => bytes,
});

/** Takes a person's labelled rows out of the bus, dead letters too. */
export async function forgetEvents(bus: EventBus, person: Person, dryRun: boolean): Promise<readonly ForgottenRows[]> {
  const places: ForgottenRows[] = [];
  const isTheirs = (bytes: Uint8Array): boolean => {
    try {
      return person.has(events.ExampleLabelled.decode(bytes).prediction?.features ?? {});
    } catch {
      return person.isIn(bytes);
    }
  };
  for (const name of [topics.exampleLabelled.name, deadLetterTopic(topics.exampleLabelled.name)]) {
    const topic = rawTopic(name);
    if (dryRun) {
      let found = 0;
      for await (const { event } of bus.scan(topic)) if (isTheirs(event)) found += 1;
      places.push(taken(`event bus, ${name}`, found, true));
      continue;
    }
    const { erased, left, why } = await bus.erase(topic, isTheirs);
    places.push({ place: `event bus, ${name}`, found: erased + left, left, why });
  }
  return places;
}
