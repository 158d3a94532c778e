export { installKafka } from './install-kafka.ts';
export { startKafka } from './start-kafka.ts';
export type { KafkaOptions, RunningKafka } from './start-kafka.ts';
export type { KafkaUser } from './secure-listener.ts';
