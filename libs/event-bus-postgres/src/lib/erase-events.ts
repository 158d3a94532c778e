import type { Pool } from 'pg';
import type { EncodedEvent, Erased } from '@adstocrat/event-bus';
import { decodeBatch, encodeBatch, openBatch } from './event-batch.ts';
import type { LogTopic } from './log-topic.ts';

/** Batches that are read at once. */
const readBatches = 50;

interface BatchRow {
  readonly partition: number;
  readonly last: number;
  readonly body: Buffer;
  /** Every live group is past it. */
  readonly read: boolean;
}

/** Live groups: the others read nothing that retention would keep for them. */
const liveDays = 7;

/** Writes batches anew without the data of some of their events. A batch that a live group has yet to read is left as it is. */
export async function eraseEvents(
  pool: Pool,
  topic: LogTopic,
  which: (event: EncodedEvent) => boolean,
): Promise<Erased> {
  let [erased, left] = [0, 0];
  let after: readonly [partition: number, last: number] = [-1, 0];
  for (;;) {
    const { rows } = await pool.query<BatchRow>(
      `SELECT b.partition, b.last, b.body, NOT EXISTS (
         SELECT FROM event_log.positions p JOIN event_log.groups g USING ("group", topic)
         WHERE p.topic = b.topic AND p.partition = b.partition AND p.position < b.last
           AND g.seen_at > now() - ${liveDays} * interval '1 day') AS read
       FROM event_log.batches b WHERE b.topic = $1 AND (b.partition, b.last) > ($2, $3)
       ORDER BY b.partition, b.last LIMIT ${readBatches}`,
      [topic.number, ...after],
    );
    for (const { partition, last, body, read } of rows) {
      const events = decodeBatch(openBatch(body));
      const found = events.map((event) => event.data.length > 0 && which(event));
      const count = found.filter((one) => one).length;
      if (count > 0 && read) {
        const emptied = events.map((event, index) => (found[index] ? { ...event, data: Buffer.alloc(0) } : event));
        // Gone meanwhile: retention had it.
        await pool.query('UPDATE event_log.batches SET body = $4 WHERE topic = $1 AND partition = $2 AND last = $3', [
          ...[topic.number, partition, last],
          encodeBatch(emptied),
        ]);
        erased += count;
      } else left += count;
      after = [partition, last];
    }
    if (rows.length < readBatches) break;
  }
  return { erased, left, why: left === 0 ? '' : 'a group of consumers has not read them yet: ask again' };
}
