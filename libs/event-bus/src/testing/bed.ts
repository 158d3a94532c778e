import { expect } from 'vitest';
import type { DeliveryNotice } from '../lib/delivery-notice.ts';
import {
  deadLetterTopic,
  type EventBus,
  type IncomingEvent,
  type OutgoingEvent,
  type Topic,
} from '../lib/event-bus.ts';

/** An adapter under test, on a broker that nothing else uses. */
export interface EventBusUnderTest {
  /** A new connection, as another process has. The suite closes it. */
  open(options?: { readonly onDelivery?: (notice: DeliveryNotice) => void }): EventBus;
  /** Stops the broker as a crash would; events that were published are kept. */
  killBroker(): Promise<void>;
  /** Starts it again. */
  startBroker(): Promise<void>;
  /** Has the broker hang, its connections open, until it is thawed. */
  freezeBroker(): void;
  thawBroker(): void;
  /** Deletes what a topic holds, read or not, as a retention does that is short. */
  deleteEvents(topic: string): Promise<void>;
  /** A connection that, when asked, deletes at once what nobody needs any more. Needed where the adapter deletes. */
  openForgetful?(): { readonly bus: EventBus; forget(): Promise<void> };
  /** Where each process has one: sessions that wait for news now. */
  waitingSessions?(): Promise<number>;
  close(): Promise<void>;
}

export interface ContractScale {
  /** Whether the adapter deletes what nobody needs, and not the broker. */
  readonly deletes: boolean;
  /** Restarts of the broker under two members: a campaign takes more than `npm test`. */
  readonly restarts: number;
  /** How long a dependency is away. */
  readonly awayMs: number;
}

/** What the tests of one adapter share. */
export interface Bed {
  readonly subject: EventBusUnderTest;
  readonly scale: ContractScale;
  /** A new connection, closed after the test. */
  bus(options?: { readonly onDelivery?: (notice: DeliveryNotice) => void }): EventBus;
}

export interface Note {
  readonly n: number;
}

const text = { encode: new TextEncoder(), decode: new TextDecoder() };

/** A topic of its own for each test. Decoding anything but digits fails. */
export function notes(name: string): Topic<Note> {
  return {
    name: `contract.${name}`,
    message: 'contract.Note',
    encode: ({ n }) => text.encode.encode(String(n)),
    decode: (bytes) => {
      const n = Number(text.decode.decode(bytes));
      if (Number.isNaN(n)) throw new Error('no number');
      return { n };
    },
  };
}

export const raw = (name: string): Topic<string> => ({
  name: `contract.${name}`,
  message: 'contract.Text',
  encode: (value) => text.encode.encode(value),
  decode: (bytes) => text.decode.decode(bytes),
});

export const deadLettersOf = (topic: Topic<Note>): Topic<Note> => ({ ...topic, name: deadLetterTopic(topic.name) });

/** An event of a key. */
export const note = (key: string, n: number): OutgoingEvent<Note> => ({ key, source: 'test', event: { n } });

/** Events `from` to `to`, not included, with keys that fall into every partition. */
export const spread = (from: number, to: number): readonly OutgoingEvent<Note>[] =>
  Array.from({ length: to - from }, (_, index) => note(`key-${from + index}`, from + index));

export interface Collector<T> {
  readonly events: IncomingEvent<T>[];
  readonly handler: (batch: readonly IncomingEvent<T>[]) => Promise<void>;
  /** Waits for that many events. */
  reaches(count: number): Promise<void>;
}

export function gather<T>(): Collector<T> {
  const events: IncomingEvent<T>[] = [];
  return {
    events,
    handler: (batch) => {
      events.push(...batch);
      return Promise.resolve();
    },
    reaches: (count) => until(`${count} events arrive`, () => events.length >= count),
  };
}

export const collector = (): Collector<Note> => gather<Note>();

/** The numbers that were seen, each once. */
export const numbers = (...sides: readonly Collector<Note>[]): ReadonlySet<number> =>
  new Set(sides.flatMap(({ events }) => events.map(({ event }) => event.n)));

/** Publishes for as long as it takes, under ids that make the repetition the same events. */
export async function publishAtLast(
  bus: EventBus,
  topic: Topic<Note>,
  events: readonly OutgoingEvent<Note>[],
): Promise<void> {
  const named = events.map((event) => ({ ...event, id: `${topic.name}/${event.event.n}` }));
  await until('publishing works again', () =>
    bus.publish(topic, named, { timeoutMs: 5000 }).then(
      () => true,
      () => false,
    ),
  );
}

/** The bound is against what hangs, not a measure. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds());) {
    if (Date.now() > end) expect.fail(`waited 60 s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
