import type { Pool } from 'pg';
import type { EventBus, EventHandler, Subscription, Topic } from '@adstocrat/event-bus';
import { databaseAnswers } from '@adstocrat/postgres-client';
import type { Resource } from '@adstocrat/service-kit';
import { noteReadUntil } from '../watermark/progress.ts';
import { acceptFacts, acceptPredictions, type FactStore } from './accept.ts';
import { facts, predictions } from './incoming.ts';

/** Events taken in at once, at most. */
const maxBatch = 1000;

/** Reads what was scored and what people did, and keeps how far. */
export function subscriptions(
  store: FactStore & { readonly pool: Pool; readonly bus: Pick<EventBus, 'subscribe'> },
): readonly Resource[] {
  const { pool, bus } = store;
  const subscribed = <T>(topic: Topic<T>, handler: EventHandler<T>): Resource => {
    let subscription: Subscription | undefined;
    return {
      name: topic.name,
      start: async () => {
        subscription = await bus.subscribe(
          topic,
          {
            group: 'feedback',
            maxBatch,
            dependenciesAnswer: () => databaseAnswers(pool),
            onReadUntil: (partition, readUntilMs) => noteReadUntil(pool, topic.name, partition, readUntilMs),
          },
          handler,
        );
      },
      stop: async () => subscription?.close(),
    };
  };
  return [
    subscribed(predictions, (batch) => acceptPredictions(store, batch)),
    subscribed(facts.click, (batch) => acceptFacts(store, 'click', batch)),
    subscribed(facts.impression, (batch) => acceptFacts(store, 'impression', batch)),
    subscribed(facts.conversion, (batch) => acceptFacts(store, 'conversion', batch)),
  ];
}
