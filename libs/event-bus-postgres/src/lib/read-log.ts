import type { Pool } from 'pg';
import type { RawEvent } from '@adstocrat/event-bus';
import { decodeBatch, openBatch } from './event-batch.ts';
import type { LogTopic } from './log-topic.ts';

/** Most bytes that one read asks for, as they are stored; at least one batch comes. */
const maxStoredBytes = 4_000_000;
/** Most bytes of events that are in memory at once: text that repeats itself takes a thousandth of it in the log. One batch more may be. */
const maxOpenBytes = 4_000_000;

interface BatchRow {
  readonly first: number;
  readonly appended_ms: number;
  readonly repeated: number[] | null;
  readonly body: Buffer;
}

/**
 * Reads a partition behind a position: nothing, or as many whole batches as reach `wanted` events. They come in order and in lists of
 * about `wanted` events, never of much more than 4 MB, each made when it is asked for.
 */
export async function readLog(
  pool: Pool,
  topic: LogTopic,
  partition: number,
  after: number,
  wanted: number,
): Promise<Iterable<readonly RawEvent[]>> {
  const { rows } = await pool.query<BatchRow>({
    name: 'event_log.read',
    text: `SELECT first, appended_ms, repeated, body FROM (
             SELECT *, sum(last - first + 1) OVER earlier AS events, sum(length(body)) OVER earlier AS bytes
             FROM (SELECT first, last, appended_ms, repeated, body FROM event_log.batches
                   WHERE topic = $1 AND partition = $2 AND last > $3 ORDER BY last LIMIT $4) AS next
             WINDOW earlier AS (ORDER BY last ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS counted
           WHERE coalesce(events, 0) < $4 AND coalesce(bytes, 0) < $5 ORDER BY last`,
    values: [topic.number, partition, after, wanted, maxStoredBytes],
  });
  return listsOf(rows, { topic: topic.name, partition, after });
}

function* listsOf(
  rows: readonly BatchRow[],
  { after, ...place }: Pick<RawEvent, 'topic' | 'partition'> & { readonly after: number },
): Generator<readonly RawEvent[]> {
  let [list, bytes]: [RawEvent[], number] = [[], 0];
  for (const { first, appended_ms: appendedMs, repeated, body } of rows) {
    const block = openBatch(body);
    if (list.length > 0 && bytes + block.length > maxOpenBytes) {
      yield list;
      [list, bytes] = [[], 0];
    }
    bytes += block.length;
    const left = repeated === null ? undefined : new Set(repeated);
    const events = decodeBatch(block).filter((_, index) => left?.has(index) !== true);
    for (const [index, event] of events.entries())
      if (first + index > after) list.push({ ...event, ...place, appendedMs, position: String(first + index) });
  }
  if (list.length > 0) yield list;
}
