export { parseKafkaUrl } from './lib/kafka-address.ts';
export type { KafkaAddress, SaslMechanism } from './lib/kafka-address.ts';
export { KafkaEventBus } from './lib/kafka-event-bus.ts';
export type { KafkaEventBusOptions } from './lib/kafka-event-bus.ts';
