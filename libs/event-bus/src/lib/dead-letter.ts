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
