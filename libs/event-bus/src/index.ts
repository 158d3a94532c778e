export { deadLetterTopic, EventBusClosed } from './lib/event-bus.ts';
export type {
  EventBus,
  EventHandler,
  IncomingEvent,
  OutgoingEvent,
  SubscribeOptions,
  Subscription,
  Topic,
} from './lib/event-bus.ts';
