import type { Pool } from 'pg';
import type { EventBus, EventHandler, Subscription, Topic } from '@adstocrat/event-bus';
import { databaseAnswers } from '@adstocrat/postgres-client';
import type { Resource } from '@adstocrat/service-kit';
import { noteReadUntil } from '../watermark/progress.ts';
import { acceptFacts, acceptPredictions, type FactStore } from './accept.ts';
import { facts, predictions } from './incoming.ts';

/** Events taken in at once, at most. */
const maxBatch = 1000;

/** Reads what was scored and what people did, and keeps how far. Closed together: on Kafka each waits for its group. */
export function subscriptions(
  store: FactStore & { readonly pool: Pool; readonly bus: Pick<EventBus, 'subscribe'> },
): Resource {
  const { pool, bus } = store;
  const open: Subscription[] = [];
  const subscribe = async <T>(topic: Topic<T>, handler: EventHandler<T>): Promise<void> => {
    const options = {
      group: 'feedback',
      maxBatch,
      dependenciesAnswer: () => databaseAnswers(pool),
      onReadUntil: (partition: number, readUntilMs: number) => noteReadUntil(pool, topic.name, partition, readUntilMs),
    };
    open.push(await bus.subscribe(topic, options, handler));
  };
  return {
    name: 'facts',
    start: async () => {
      await subscribe(predictions, (batch) => acceptPredictions(store, batch));
      await subscribe(facts.click, (batch) => acceptFacts(store, 'click', batch));
      await subscribe(facts.impression, (batch) => acceptFacts(store, 'impression', batch));
      await subscribe(facts.conversion, (batch) => acceptFacts(store, 'conversion', batch));
    },
    stop: async () => {
      await Promise.all(open.map((subscription) => subscription.close()));
    },
  };
}
