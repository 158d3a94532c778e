import { Kafka, logLevel } from 'kafkajs';
import { expect, it } from 'vitest';
import { eventBusContract } from '@adstocrat/event-bus/testing';
import { startKafka } from '@adstocrat/kafka';
import { KafkaEventBus } from './kafka-event-bus.ts';

const restarts = Number(process.env['EVENT_BUS_RESTARTS'] ?? 1);
const awayMs = Number(process.env['EVENT_BUS_AWAY_MS'] ?? 500);

eventBusContract(
  'KafkaEventBus',
  async () => {
    const kafka = await startKafka();
    return {
      open: (options) => new KafkaEventBus({ brokers: kafka.brokers, clientId: 'contract', ...options }),
      deleteEvents: async (topic) => {
        const admin = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).admin();
        await admin.connect();
        const partitions = (await admin.fetchTopicOffsets(topic)).map(({ partition, high: offset }) => ({
          partition,
          offset,
        }));
        await admin.deleteTopicRecords({ topic, partitions });
        await admin.disconnect();
      },
      killBroker: () => kafka.kill(),
      startBroker: () => kafka.restart(),
      freezeBroker: () => {
        kafka.freeze();
      },
      thawBroker: () => {
        kafka.thaw();
      },
      close: () => kafka.stop(),
    };
  },
  { deletes: false, restarts, awayMs },
);

it('says at once that no broker is there', async () => {
  const bus = new KafkaEventBus({ brokers: ['127.0.0.1:1'], clientId: 'spec' });
  const late = new Promise((resolve) => setTimeout(resolve, 60_000, 'nothing within a minute'));
  await expect(Promise.race([bus.ping(), late])).rejects.toThrow(/ECONNREFUSED/);
  await bus.close();
});
