import { type OutgoingEvent, PermanentFailure, type Topic } from './event-bus.ts';

/** An event ready for a broker: CloudEvents 1.0 in binary mode. */
export interface EncodedEvent {
  readonly id: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
}

/** The event can't be published, now or ever. */
export class EventRefused extends PermanentFailure {
  override readonly name = 'EventRefused';
  /** Which of the events given to `publish`. */
  readonly index: number;

  constructor(index: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.index = index;
  }
}

/** Most bytes of an encoded event: what every broker takes with its defaults. */
export const maxEventBytes = 900_000;

/**
 * Encodes an event. Ids and keys are 1 to 256 bytes of printable UTF-8, data at most {@link maxEventBytes}: throws
 * {@link EventRefused} for anything else, with the event's `index` among those that are published together. `trace` adds the
 * active trace's headers.
 */
export function encodeEvent<T>(
  topic: Topic<T>,
  outgoing: OutgoingEvent<NoInfer<T>>,
  trace: Readonly<Record<string, string>> = {},
  index = 0,
): EncodedEvent {
  const nowMs = Date.now();
  const refuse = (what: string): never => {
    throw new EventRefused(index, `event ${index} of ${topic.name} is refused: ${what}`);
  };
  const id = outgoing.id ?? uuidV7(nowMs);
  for (const [name, text] of [
    ['id', id],
    ['key', outgoing.key],
  ] as const)
    if (!isEventName(text)) refuse(`its ${name} must be 1 to 256 bytes of printable UTF-8, got ${shown(text)}`);
  const time = new Date(outgoing.timeMs ?? nowMs);
  if (Number.isNaN(time.getTime())) refuse(`its time must be Unix milliseconds, got ${outgoing.timeMs}`);
  const data = topic.encode(outgoing.event);
  if (data.length > maxEventBytes) refuse(`its ${data.length} bytes are more than ${maxEventBytes}`);
  return {
    id,
    key: outgoing.key,
    data,
    headers: {
      ...trace,
      ce_id: id,
      ce_source: outgoing.source,
      ce_type: topic.name,
      ce_specversion: '1.0',
      ce_time: time.toISOString(),
      ce_partitionkey: outgoing.key,
      ce_dataschema: topic.message,
      'content-type': 'application/protobuf',
    },
  };
}

const plain = /^[\x20-\x7e]{1,256}$/;
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Whether the bus takes it as an id or a key: 1 to 256 bytes of printable UTF-8. */
export function isEventName(text: string): boolean {
  // Nearly all are plain ASCII, whose characters are bytes.
  if (plain.test(text)) return true;
  return text !== '' && !unprintable.test(text) && new TextEncoder().encode(text).length <= 256;
}

const shown = (text: string): string =>
  JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}… (${text.length} characters)` : text);

const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** Random bytes for many ids: asking for a few at a time costs ten times as much. */
const pool = new Uint8Array(4096);
let used = pool.length;

/** RFC 9562 UUID version 7: 48 bits of Unix milliseconds, then random. */
export function uuidV7(nowMs: number = Date.now()): string {
  if (used + 10 > pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const time = Math.floor(nowMs).toString(16).padStart(12, '0');
  let hex = '';
  for (let index = 0; index < 10; index += 1) {
    const random = pool[used + index] ?? 0;
    const byte = index === 0 ? (random & 0x0f) | 0x70 : index === 2 ? (random & 0x3f) | 0x80 : random;
    hex += (index === 2 || index === 4 ? '-' : '') + (hexOf[byte] ?? '');
  }
  used += 10;
  return `${time.slice(0, 8)}-${time.slice(8)}-${hex}`;
}

/** FNV-1a, 32 bits, over the key's UTF-8 bytes, modulo the number of partitions. */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % partitions;
}
