import { setTimeout as sleep } from 'node:timers/promises';
import type { EventBus, OutgoingEvent, Topic } from '@adstocrat/event-bus';
import { topics } from '@adstocrat/schemas';

/** One event in so many comes again. */
const oneIn = 16;

/**
 * Publishes some predictions and labels a second time under ids of their own, as happens to dead letters that are sent again: the log
 * cannot know them, their consumers must. Resolves to how many, once they are handled; throws where that takes longer than `withinS`.
 */
export async function deliverAgain(bus: EventBus, withinS: number): Promise<number> {
  const until = Date.now() + withinS * 1000;
  const [predictions, labels] = [
    await again(bus, topics.predictionMade, 'feedback', until),
    await again(bus, topics.exampleLabelled, 'ingestion', until),
  ];
  return predictions + labels;
}

async function again<T>(bus: EventBus, topic: Topic<T>, group: string, until: number): Promise<number> {
  const chosen: OutgoingEvent<NoInfer<T>>[] = [];
  let seen = 0;
  for await (const { id, key, event } of bus.scan(topic)) {
    if (seen % oneIn === 0) chosen.push({ id: `again/${id}`, key, source: 'campaign', event });
    seen += 1;
  }
  await bus.publish(topic, chosen);
  while ((await bus.lag(topic.name, group)) > 0) {
    if (Date.now() > until) throw new Error(`${group} has not handled ${topic.name} in time`);
    await sleep(200);
  }
  return chosen.length;
}
