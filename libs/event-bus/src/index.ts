export { encodeEvent, EventRefused, isEventName, maxEventBytes, partitionOf, uuidV7 } from './lib/cloud-event.ts';
export type { EncodedEvent } from './lib/cloud-event.ts';
export { deadLetterOf } from './lib/dead-letter.ts';
export type { DeadLetterCause } from './lib/dead-letter.ts';
export { deliver } from './lib/delivery.ts';
export type { DeliveryOptions, RawEvent } from './lib/delivery.ts';
export { logNotice } from './lib/delivery-notice.ts';
export type { DeliveryNotice, NoticeLogger } from './lib/delivery-notice.ts';
export { deadLetterTopic, EventBusClosed, PermanentFailure, TransientFailure } from './lib/event-bus.ts';
export type {
  EventBus,
  Erased,
  EventHandler,
  IncomingEvent,
  OutgoingEvent,
  SubscribeOptions,
  Subscription,
  Topic,
} from './lib/event-bus.ts';
export { failureKind, isConnectionError, reasonOf } from './lib/failure-kind.ts';
export type { FailureKind } from './lib/failure-kind.ts';
export { pause, untilAnswered, within } from './lib/pause.ts';
export { SendQueue } from './lib/send-queue.ts';
export type { SendQueueOptions } from './lib/send-queue.ts';
