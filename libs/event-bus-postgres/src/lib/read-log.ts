import type { Pool } from 'pg';
import type { RawEvent } from '@adstocrat/event-bus';
import { decodeBatch } from './event-batch.ts';
import type { LogTopic } from './log-topic.ts';

/** Most bytes that one read asks for, as they are stored; at least one batch comes. */
const maxBytes = 4_000_000;

/** Events of a partition behind a position, in order: none, or as many whole batches as reach `wanted` events. */
export async function readLog(
  pool: Pool,
  topic: LogTopic,
  partition: number,
  after: number,
  wanted: number,
): Promise<readonly RawEvent[]> {
  const { rows } = await pool.query<{ first: number; appended_ms: number; repeated: number[] | null; body: Buffer }>({
    name: 'event_log.read',
    text: `SELECT first, appended_ms, repeated, body FROM (
             SELECT *, sum(last - first + 1) OVER earlier AS events, sum(length(body)) OVER earlier AS bytes
             FROM (SELECT first, last, appended_ms, repeated, body FROM event_log.batches
                   WHERE topic = $1 AND partition = $2 AND last > $3 ORDER BY last LIMIT $4) AS next
             WINDOW earlier AS (ORDER BY last ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS counted
           WHERE coalesce(events, 0) < $4 AND coalesce(bytes, 0) < $5 ORDER BY last`,
    values: [topic.number, partition, after, wanted, maxBytes],
  });
  return rows.flatMap(({ first, appended_ms: appendedMs, repeated, body }) => {
    const left = repeated === null ? undefined : new Set(repeated);
    const events = decodeBatch(body).filter((_, index) => left?.has(index) !== true);
    return events
      .map((event, index) => ({ ...event, topic: topic.name, partition, appendedMs, position: String(first + index) }))
      .slice(Math.max(0, after + 1 - first));
  });
}
