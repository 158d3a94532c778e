export { encodeEvent, partitionOf, uuidV7 } from './lib/cloud-event.ts';
export type { EncodedEvent } from './lib/cloud-event.ts';
export { deadLetterHeaders, deliver } from './lib/delivery.ts';
export type { DeliveryOptions, RawEvent } from './lib/delivery.ts';
export { deadLetterTopic, EventBusClosed, PermanentFailure, TransientFailure } from './lib/event-bus.ts';
export { failureKind, isConnectionError } from './lib/failure-kind.ts';
export type { FailureKind } from './lib/failure-kind.ts';
export type {
  EventBus,
  EventHandler,
  IncomingEvent,
  OutgoingEvent,
  SubscribeOptions,
  Subscription,
  Topic,
} from './lib/event-bus.ts';
