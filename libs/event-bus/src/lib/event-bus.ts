/** A topic and how its messages become bytes. `@adstocrat/schemas` has all of adstocrat's. */
export interface Topic<T> {
  readonly name: string;
  /** Full protobuf message name. */
  readonly message: string;
  encode(value: T): Uint8Array;
  /** Throws where the bytes are not this message: the message is then dead-lettered at once. */
  decode(bytes: Uint8Array): T;
}

/** An event to publish. */
export interface OutgoingEvent<T> {
  /** Unique for ever. The same id published twice is one event to its consumers. Default: a new UUIDv7. */
  readonly id?: string;
  /** Events of one key keep their order. Never empty. */
  readonly key: string;
  /** The service it comes from: CloudEvents `source`. */
  readonly source: string;
  /** Unix milliseconds of what happened. Default: now. */
  readonly timeMs?: number;
  readonly event: T;
}

/** A delivered event. */
export interface IncomingEvent<T> {
  readonly id: string;
  readonly key: string;
  readonly topic: string;
  readonly partition: number;
  /** Increases within a partition. Decimal digits, up to 2^63-1. */
  readonly position: string;
  /** CloudEvents headers (`ce_id`, `ce_source`, `ce_type`, `ce_specversion`, `ce_time`, `traceparent`, …), lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly event: T;
}

export interface SubscribeOptions {
  /** Consumers of one group share the partitions; each group sees every event. */
  readonly group: string;
  /** Where a group that has no position yet begins. Default: 'earliest'. */
  readonly from?: 'earliest' | 'latest';
  /** Times a failing message is handled before it goes to the dead-letter topic with the reason. Default: 5. */
  readonly maxAttempts?: number;
  /** Most events in one batch. Default: 500. */
  readonly maxBatch?: number;
}

/** A subscription in progress. */
export interface Subscription {
  /** Waits for the batch in the handler, keeps its position, leaves the group. */
  close(): Promise<void>;
}

/**
 * Handles events of one partition, in order. Returning commits the batch's position. Throwing has it delivered again,
 * alone from its second attempt on, so that only the event at fault ends in the dead-letter topic.
 */
export type EventHandler<T> = (batch: readonly IncomingEvent<T>[]) => Promise<void>;

/** What happened, at least once, in order within a key. */
export interface EventBus {
  /** Resolves once every event is durable, in the order given within a key. Throws {@link EventBusClosed} after close. */
  publish<T>(topic: Topic<T>, events: readonly OutgoingEvent<T>[]): Promise<void>;
  /** Resolves once the group's position is fixed: events published later are delivered. */
  subscribe<T>(topic: Topic<T>, options: SubscribeOptions, handler: EventHandler<T>): Promise<Subscription>;
  /** Throws where the broker does not answer. For health checks. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** The dead-letter topic of a topic. Its events keep key and bytes and carry `dead_letter_reason` and `dead_letter_attempts`. */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dead-letter`;
}

/** The bus was closed. */
export class EventBusClosed extends Error {
  override readonly name = 'EventBusClosed';
}
