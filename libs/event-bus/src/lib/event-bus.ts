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
  /** The bus's clock when the event became part of the log, Unix milliseconds. Never decreases within a partition. */
  readonly appendedMs: number;
  /** CloudEvents headers (`ce_id`, `ce_source`, `ce_type`, `ce_specversion`, `ce_time`, `traceparent`, …), lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly event: T;
}

export interface SubscribeOptions {
  /** Consumers of one group share the partitions; each group sees every event. */
  readonly group: string;
  /** Where a group that has no position yet begins. Default: 'earliest'. */
  readonly from?: 'earliest' | 'latest';
  /** Times a message that fails for no known reason is handled before it goes to the dead-letter topic. Default: 5. */
  readonly maxAttempts?: number;
  /**
   * Whether what the handler depends on answers. Asked when a handler fails for no known reason: where it does not, the failure
   * is transient. Default: it does.
   */
  readonly dependenciesAnswer?: () => Promise<boolean>;
  /**
   * Told how far a partition is read: every event of it that was appended before `readUntilMs` (the bus's clock) has been handled
   * or put aside. Said after each batch, and about once a second where nothing comes. Never said where it is not known.
   */
  readonly onReadUntil?: (partition: number, readUntilMs: number) => Promise<void>;
  /** Most events in one batch. Default: 500. */
  readonly maxBatch?: number;
}

/** A subscription in progress. */
export interface Subscription {
  /** Waits for the batch in the handler, keeps its position, leaves the group. */
  close(): Promise<void>;
}

/**
 * Handles events of one partition, in order. Returning commits the batch's position. What it throws decides what follows:
 * a {@link TransientFailure} (or a driver's error about a connection) pauses the partition with growing pauses for as long as it
 * lasts; a {@link PermanentFailure} puts the event aside at once; any other is tried `maxAttempts` times. Of a batch that fails,
 * each event is handed over alone, so that only the one at fault ends in the dead-letter topic.
 */
export type EventHandler<T> = (batch: readonly IncomingEvent<T>[]) => Promise<void>;

/** What {@link EventBus.erase} did. */
export interface Erased {
  readonly erased: number;
  /** Events that were found and still lie in the log. */
  readonly left: number;
  /** Why those that are left are. Empty where none is. */
  readonly why: string;
}

/** What happened, at least once, in order within a key. */
export interface EventBus {
  /**
   * Resolves once every event is durable, in the order given within a key. Throws a {@link PermanentFailure} where an event can
   * never be taken (nothing is published then), a {@link TransientFailure} where the bus did not acknowledge within `timeoutMs`
   * (default: 30 s; it may still take the events), and {@link EventBusClosed} after close.
   */
  publish<T>(
    topic: Topic<T>,
    events: readonly OutgoingEvent<NoInfer<T>>[],
    options?: { readonly timeoutMs?: number },
  ): Promise<void>;
  /** Resolves once the group's position is fixed: events published later are delivered. */
  subscribe<T>(topic: Topic<T>, options: SubscribeOptions, handler: EventHandler<T>): Promise<Subscription>;
  /** How many partitions a topic has; it is made where it is not there. They are numbered from 0. */
  partitions(topic: string): Promise<number>;
  /** Events of a topic that a group has yet to handle. */
  lag(topic: string, group: string): Promise<number>;
  /** What the log holds of a topic when asked, in order within a partition. Belongs to no group and moves no position. */
  scan<T>(topic: Topic<T>): AsyncIterable<IncomingEvent<T>>;
  /**
   * Takes the content of some events of a topic out of the log, as far as the log can: their ids, keys and positions stay, so that nothing
   * that is said again is a new event. Only of events that every live group has read: the others are counted, and are there the next
   * time. `which` is asked of each event.
   */
  erase<T>(topic: Topic<T>, which: (event: T) => boolean): Promise<Erased>;
  /** Throws where the broker does not answer. For health checks. */
  ping(): Promise<void>;
  /** Ends within 10 s, whatever the broker does. What was not acknowledged by then is given up with a {@link TransientFailure}. */
  close(): Promise<void>;
}

/** The event can never be handled, or never be published: trying again changes nothing. */
export class PermanentFailure extends Error {
  override readonly name: string = 'PermanentFailure';
}

/** Not the event's fault: a dependency is away. It is tried again for as long as that lasts. */
export class TransientFailure extends Error {
  override readonly name: string = 'TransientFailure';
}

/** The dead-letter topic of a topic. Its events keep key and bytes and carry `dead_letter_reason` and `dead_letter_attempts`. */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dead-letter`;
}

/** The bus was closed. */
export class EventBusClosed extends Error {
  override readonly name = 'EventBusClosed';
}
