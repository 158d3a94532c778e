import type { Pool } from 'pg';
import { deadLetterTopic } from '@adstocrat/event-bus';
import { inTransaction } from '@adstocrat/postgres-client';

/** How long the log keeps what. All in milliseconds. */
export interface Retention {
  /** Events that every live group has read stay so long after they were appended. Default: an hour. */
  readonly readMs: number;
  /** A group that nobody has attended for so long holds nothing back any more. Default: 7 days. */
  readonly groupMs: number;
  /** Events of a topic that no live group reads. Default: 7 days. */
  readonly nobodyMs: number;
  /** Dead letters, read or not. Default: 30 days. */
  readonly deadLetterMs: number;
  /**
   * A group that nobody has attended for so long is removed with its positions; where it comes back it is a new one. Default: 30 days,
   * as long as dead letters are kept, so that none is sent again.
   */
  readonly forgetMs: number;
  /** Events that a live group has not read for so long are told of. Default: 6 hours. */
  readonly unreadMs: number;
}

const hour = 3_600_000;
export const defaultRetention: Retention = {
  readMs: hour,
  groupMs: 7 * 24 * hour,
  nobodyMs: 7 * 24 * hour,
  deadLetterMs: 30 * 24 * hour,
  forgetMs: 30 * 24 * hour,
  unreadMs: 6 * hour,
};

/** Batches in one transaction. */
const chunk = 50;

/** A partition of which a live group has not read an event for long. */
export interface Unread {
  readonly topic: string;
  readonly group: string;
  readonly partition: number;
  /** When the oldest of them was appended, Unix milliseconds. */
  readonly oldestMs: number;
}

/**
 * Deletes what nobody needs any more, oldest first; never what a live group has not read, but dead letters; then groups that nobody
 * attends any more. One process at a time
 * does it; for the others it does nothing. Aborted between transactions. Resolves with what live groups leave unread.
 */
export async function applyRetention(
  pool: Pool,
  retention: Retention,
  signal: AbortSignal,
): Promise<readonly Unread[]> {
  for (let deleted = chunk; deleted === chunk && !signal.aborted;) deleted = await deleteChunk(pool, retention);
  if (signal.aborted) return [];
  await forgetGroups(pool, retention);
  return findUnread(pool, retention);
}

/** How far each partition may go, and until when. */
const deletable = `
  SELECT h.topic, h.partition,
    CASE WHEN dead OR readers.lowest IS NULL THEN h.position ELSE readers.lowest END AS upto,
    CASE WHEN dead THEN $1 WHEN readers.lowest IS NULL THEN $2 ELSE $3 END::bigint AS age_ms
  FROM event_log.heads h JOIN event_log.topics t ON t.number = h.topic
  CROSS JOIN LATERAL (SELECT right(t.name, length($4)) = $4 AS dead) AS kind
  CROSS JOIN LATERAL (
    SELECT min(p.position) AS lowest FROM event_log.positions p JOIN event_log.groups g USING ("group", topic)
    WHERE p.topic = h.topic AND p.partition = h.partition AND g.seen_at > now() - $5 * interval '1 ms') AS readers`;

function deleteChunk(pool: Pool, retention: Retention): Promise<number> {
  const { deadLetterMs, nobodyMs, readMs, groupMs } = retention;
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ mine: boolean }>(
      `SELECT pg_try_advisory_xact_lock(hashtextextended('event_log retention', 0)) AS mine`,
    );
    if (rows[0]?.mine !== true) return 0;
    const deleted = await client.query(
      `WITH old AS (
         SELECT b.topic, b.partition, b.last FROM (${deletable}) AS d CROSS JOIN LATERAL (
           SELECT * FROM event_log.batches b WHERE b.topic = d.topic AND b.partition = d.partition AND b.last <= d.upto
             AND b.appended_ms < extract(epoch FROM clock_timestamp()) * 1000 - d.age_ms
           ORDER BY b.last LIMIT $6) AS b LIMIT $6),
       gone AS (DELETE FROM event_log.batches b USING old
         WHERE b.topic = old.topic AND b.partition = old.partition AND b.last = old.last RETURNING b.topic, b.ids),
       forgotten AS (DELETE FROM event_log.ids i USING (SELECT topic, unnest(ids) AS id FROM gone) AS g
         WHERE i.topic = g.topic AND i.id = g.id)
       SELECT FROM gone`,
      [deadLetterMs, nobodyMs, readMs, deadLetterTopic(''), groupMs, chunk],
    );
    return deleted.rowCount ?? 0;
  });
}

/** Names of hosts are in the names of some groups: those would gather. */
async function forgetGroups(pool: Pool, { forgetMs }: Retention): Promise<void> {
  await pool.query(
    `WITH gone AS (DELETE FROM event_log.groups WHERE seen_at < now() - $1 * interval '1 ms' RETURNING "group", topic),
          without_lease AS (DELETE FROM event_log.members m USING gone WHERE m."group" = gone."group" AND m.topic = gone.topic)
     DELETE FROM event_log.positions p USING gone WHERE p."group" = gone."group" AND p.topic = gone.topic`,
    [forgetMs],
  );
}

async function findUnread(pool: Pool, retention: Retention): Promise<readonly Unread[]> {
  const { rows } = await pool.query<Unread>(
    `SELECT t.name AS topic, p."group", p.partition, oldest.appended_ms AS "oldestMs"
     FROM event_log.positions p JOIN event_log.groups g USING ("group", topic) JOIN event_log.topics t ON t.number = p.topic
     CROSS JOIN LATERAL (SELECT b.appended_ms FROM event_log.batches b
       WHERE b.topic = p.topic AND b.partition = p.partition AND b.last > p.position ORDER BY b.last LIMIT 1) AS oldest
     WHERE g.seen_at > now() - $1 * interval '1 ms' AND right(t.name, length($3)) <> $3
       AND oldest.appended_ms < extract(epoch FROM clock_timestamp()) * 1000 - $2::bigint`,
    [retention.groupMs, retention.unreadMs, deadLetterTopic('')],
  );
  return rows;
}
