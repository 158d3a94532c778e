import { randomUUID } from 'node:crypto';
import type { RawEvent } from '@adstocrat/event-bus';
import type { KafkaClient } from './kafka-client.ts';
import type { KafkaTopics } from './kafka-topics.ts';
import { rawEvent } from './raw-event.ts';

/**
 * What a topic holds now, in order within a partition. kafkajs reads in groups alone: this is one of its own that keeps no position
 * and is gone when it is read.
 */
export async function* scanTopic(client: KafkaClient, topics: KafkaTopics, topic: string): AsyncGenerator<RawEvent> {
  const left = new Map(
    (await topics.bounds(topic)).filter(({ low, high }) => high > low).map(({ partition, high }) => [partition, high]),
  );
  if (left.size === 0) return;
  const retry = { retries: 8, initialRetryTime: 100, maxRetryTime: 2000 };
  const consumer = client.kafka(retry).consumer({ groupId: `scan.${randomUUID()}`, maxWaitTimeInMs: 250, retry });
  /** The batch that waits to be taken, and who waits for one. One at a time: the log may be larger than memory. */
  const offers: { readonly events: readonly RawEvent[]; readonly taken: () => void }[] = [];
  let news = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) news.reject(payload.error);
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, isRunning }) => {
        if (!isRunning() || !left.has(batch.partition)) return;
        const { promise, resolve: taken } = Promise.withResolvers<void>();
        offers.push({ events: batch.messages.map((message) => rawEvent(topic, batch.partition, message)), taken });
        news.resolve();
        await Promise.race([promise, over.promise]);
      },
    });
    while (left.size > 0) {
      await news.promise;
      news = Promise.withResolvers<void>();
      for (const { events, taken } of offers.splice(0)) {
        for (const event of events) {
          const end = left.get(event.partition);
          if (end === undefined || BigInt(event.position) >= end) continue;
          yield event;
          if (BigInt(event.position) + 1n >= end) left.delete(event.partition);
        }
        taken();
      }
    }
  } finally {
    left.clear();
    over.resolve();
    await consumer.disconnect();
  }
}
