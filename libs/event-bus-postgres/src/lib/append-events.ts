import { hash } from 'node:crypto';
import type { Pool } from 'pg';
import { type EncodedEvent, partitionOf } from '@adstocrat/event-bus';
import { encodeBatch } from './event-batch.ts';
import type { LogTopic } from './log-topic.ts';

/**
 * Appends events in one transaction and one round trip, in order within a partition. An id that is in the log already is left out.
 * False, with nothing done, where the topic has other partitions by now.
 */
export async function appendEvents(pool: Pool, topic: LogTopic, events: readonly EncodedEvent[]): Promise<boolean> {
  const byPartition = new Map<number, { ids: string[]; events: EncodedEvent[] }>();
  const seen = new Set<string>();
  for (const event of events) {
    const id = digestOf(event.id);
    if (seen.has(id)) continue;
    seen.add(id);
    const partition = partitionOf(event.key, topic.partitions);
    let list = byPartition.get(partition);
    if (list === undefined) byPartition.set(partition, (list = { ids: [], events: [] }));
    list.ids.push(id);
    list.events.push(event);
  }
  const batches = [...byPartition].sort(([a], [b]) => a - b);
  const bodies = batches.map(([, list]) => encodeBatch(list.events));
  const { rows } = await pool.query<{ done: boolean }>({
    name: 'event_log.append',
    text: 'SELECT event_log.append($1, $2, $3::int[], $4::int[], $5::int[], $6::uuid[], $7) AS done',
    values: [
      topic.number,
      topic.partitions,
      arrayOf(batches.map(([partition]) => partition)),
      arrayOf(batches.map(([, list]) => list.events.length)),
      arrayOf(bodies.map(({ length }) => length)),
      arrayOf(batches.flatMap(([, list]) => list.ids)),
      bodies.length === 1 ? bodies[0] : Buffer.concat(bodies),
    ],
  });
  return rows[0]?.done === true;
}

/** 128 bits of SHA-256, in hexadecimal: what the index of ids keeps, whatever a stranger calls his events. */
function digestOf(id: string): string {
  return hash('sha256', id, 'hex').slice(0, 32);
}

/** An array's text form, for elements that need no quotes: pg's own quotes each. */
const arrayOf = (elements: readonly (string | number)[]): string => `{${elements.join(',')}}`;
