import type { EncodedEvent } from './cloud-event.ts';
import type { RawEvent } from './delivery.ts';

/** Why an event was put aside. */
export interface DeadLetterCause {
  /** Whose handler it failed in. */
  readonly group: string;
  readonly reason: string;
  readonly attempts: number;
}

/**
 * An event as a dead letter: its key, bytes and headers, and why it is one. Each group that cannot handle it puts its own letter
 * aside, so the id is the group's and the event's; putting it aside twice is once.
 */
export function deadLetterOf(event: RawEvent, { group, reason, attempts }: DeadLetterCause): EncodedEvent {
  const id = `${group}/${event.id}`;
  return {
    id,
    key: event.key,
    data: event.data,
    headers: {
      ...event.headers,
      ce_id: id,
      dead_letter_id: event.id,
      dead_letter_topic: event.topic,
      dead_letter_group: group,
      dead_letter_reason: reason.slice(0, 1000),
      dead_letter_attempts: String(attempts),
    },
  };
}

/** Kept before any other: a stranger's may be many. */
const letterHeaders = new Set([
  'ce_id',
  'ce_type',
  'dead_letter_id',
  'dead_letter_topic',
  'dead_letter_group',
  'dead_letter_reason',
  'dead_letter_attempts',
]);
/** Most characters of a header, and of the key, of a letter that was cut; and most of its headers. */
const most = { characters: 1000, key: 256, headers: 40 };

/**
 * A letter that a broker takes where it refuses the whole one: without its data, of which `dead_letter_truncated` keeps the number
 * of bytes, and with what is long in its headers cut off. It tells of the event and can't be sent again.
 */
export function cutLetter({ id, key, data, headers }: EncodedEvent): EncodedEvent {
  const names = Object.keys(headers).filter((name) => name.length <= most.key);
  const own = names.filter((name) => letterHeaders.has(name));
  const kept = [...new Set([...own, ...names])].slice(0, most.headers);
  return {
    id: id.slice(0, most.characters),
    key: key.slice(0, most.key),
    data: new Uint8Array(),
    headers: {
      ...Object.fromEntries(kept.map((name) => [name, (headers[name] ?? '').slice(0, most.characters)])),
      dead_letter_truncated: String(data.length),
    },
  };
}
