export { KafkaEventBus } from './lib/kafka-event-bus.ts';
export type { KafkaEventBusOptions } from './lib/kafka-event-bus.ts';
