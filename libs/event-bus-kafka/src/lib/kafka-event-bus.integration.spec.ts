import { eventBusContract } from '@adstocrat/event-bus/testing';
import { startKafka } from '@adstocrat/kafka';
import { KafkaEventBus } from './kafka-event-bus.ts';

eventBusContract('KafkaEventBus', async () => {
  const kafka = await startKafka();
  return {
    open: () => new KafkaEventBus({ brokers: kafka.brokers, clientId: 'contract' }),
    restartBroker: () => kafka.restart(),
    close: () => kafka.stop(),
  };
});
