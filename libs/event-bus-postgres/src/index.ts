export { PostgresEventBus } from './lib/postgres-event-bus.ts';
export type { PostgresEventBusOptions } from './lib/postgres-event-bus.ts';
