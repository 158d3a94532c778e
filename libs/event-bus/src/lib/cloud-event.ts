import type { OutgoingEvent, Topic } from './event-bus.ts';

/** An event ready for a broker: CloudEvents 1.0 in binary mode. */
export interface EncodedEvent {
  readonly id: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
}

/** Encodes an event. Throws `RangeError` for an empty key. `trace` adds the active trace's headers. */
export function encodeEvent<T>(
  topic: Topic<T>,
  outgoing: OutgoingEvent<T>,
  trace: Readonly<Record<string, string>> = {},
): EncodedEvent {
  if (outgoing.key === '')
    throw new RangeError(`an event of ${topic.name} needs a key: events of one key keep their order`);
  const id = outgoing.id ?? uuidV7();
  return {
    id,
    key: outgoing.key,
    data: topic.encode(outgoing.event),
    headers: {
      ...trace,
      ce_id: id,
      ce_source: outgoing.source,
      ce_type: topic.name,
      ce_specversion: '1.0',
      ce_time: new Date(outgoing.timeMs ?? Date.now()).toISOString(),
      ce_partitionkey: outgoing.key,
      ce_dataschema: topic.message,
      'content-type': 'application/protobuf',
    },
  };
}

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
