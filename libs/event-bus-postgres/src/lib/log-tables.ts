import type { Pool } from 'pg';
import { migrateSchema } from '@adstocrat/postgres-client';

/**
 * The log and who reads it. Times are the database's clock.
 *
 * Events lie in batches, as they were appended together: a row has up to thousands. `ids` knows the ids of what is kept.
 * A partition of a group belongs to the member in `owner`, while that has a lease; every change of hands makes `epoch` one larger.
 */
const tables = `
CREATE TABLE IF NOT EXISTS event_log.topics (
  name text PRIMARY KEY, number int GENERATED ALWAYS AS IDENTITY UNIQUE, partitions int NOT NULL
);
CREATE TABLE IF NOT EXISTS event_log.heads (
  topic int, partition int, position bigint NOT NULL DEFAULT 0,
  -- Unix milliseconds: no event that is not in the log yet will be stamped earlier.
  appended_ms bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);
CREATE TABLE IF NOT EXISTS event_log.batches (
  topic int, partition int, last bigint, first bigint NOT NULL, appended_ms bigint NOT NULL,
  -- repeated: which of the body's events were in the log before, from 0; they have no position.
  repeated int[], ids uuid[] NOT NULL, body bytea NOT NULL,
  PRIMARY KEY (topic, partition, last)
);
-- The body is compressed already.
ALTER TABLE event_log.batches ALTER body SET STORAGE EXTERNAL, ALTER ids SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS event_log.ids (topic int, id uuid, PRIMARY KEY (topic, id));
CREATE TABLE IF NOT EXISTS event_log.groups (
  "group" text, topic int, seen_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY ("group", topic)
);
CREATE TABLE IF NOT EXISTS event_log.members (
  member uuid PRIMARY KEY, "group" text NOT NULL, topic int NOT NULL, lease_until timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS event_log.positions (
  "group" text, topic int, partition int, position bigint NOT NULL, owner uuid, epoch bigint NOT NULL DEFAULT 0,
  PRIMARY KEY ("group", topic, partition)
) WITH (fillfactor = 50);
`;

/**
 * Appends one batch to each of some partitions, given in ascending order so that two appends never wait for each other. The
 * partition's head is locked until the end of the transaction, so a position is never visible before a smaller one, and the time
 * is taken under that lock, so it never decreases. Answers false, having done nothing, where the topic has another number of
 * partitions than the caller believes.
 */
const append = `
CREATE OR REPLACE FUNCTION event_log.append(
  topic_number int, believed int, parts int[], counts int[], sizes int[], all_ids uuid[], bodies bytea
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  id_at int := 0; byte_at int := 1; head bigint; stamp bigint; batch_ids uuid[]; fresh uuid[]; added int; again int[];
  news text := '';
BEGIN
  IF (SELECT partitions FROM event_log.topics WHERE number = topic_number) IS DISTINCT FROM believed THEN
    RETURN false;
  END IF;
  FOR i IN 1 .. cardinality(parts) LOOP
    batch_ids := all_ids[id_at + 1 : id_at + counts[i]];
    SELECT h.position, h.appended_ms INTO STRICT head, stamp FROM event_log.heads h
      WHERE h.topic = topic_number AND h.partition = parts[i] FOR UPDATE;
    stamp := greatest(stamp, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint);
    WITH new AS (
      INSERT INTO event_log.ids AS known (topic, id) SELECT topic_number, unnest(batch_ids) ON CONFLICT DO NOTHING RETURNING known.id
    ) SELECT array_agg(id) INTO fresh FROM new;
    added := coalesce(cardinality(fresh), 0);
    IF added > 0 THEN
      again := NULL;
      IF added < counts[i] THEN
        SELECT array_agg(given.nth - 1 ORDER BY given.nth) INTO again
          FROM unnest(batch_ids) WITH ORDINALITY AS given (id, nth) LEFT JOIN unnest(fresh) AS new (id) USING (id) WHERE new.id IS NULL;
      END IF;
      INSERT INTO event_log.batches (topic, partition, last, first, appended_ms, repeated, ids, body)
        VALUES (topic_number, parts[i], head + added, head + 1, stamp, again, fresh, substr(bodies, byte_at, sizes[i]));
      UPDATE event_log.heads SET position = head + added, appended_ms = stamp WHERE topic = topic_number AND partition = parts[i];
      news := news || ',' || parts[i];
    END IF;
    id_at := id_at + counts[i];
    byte_at := byte_at + sizes[i];
  END LOOP;
  IF news <> '' THEN PERFORM pg_notify('event_log', 'events ' || topic_number || ' ' || substr(news, 2)); END IF;
  RETURN true;
END $$;
`;

/**
 * One heartbeat of a member, and its partitions after it. The live members, in the order of their ids, each have an equal share,
 * the first ones one more where it does not come out even. Free partitions, whose owner has no lease, are taken up to the share; what is
 * above it is marked as surplus, for the member to give back when it is done with what it has in hand. A lease that ends later than two of
 * them from now was given before the clock was set back: it counts as over, and whoever lives renews it within a heartbeat.
 */
const attend = `
CREATE OR REPLACE FUNCTION event_log.attend(me uuid, my_group text, topic_number int, lease_ms int)
RETURNS TABLE (member uuid, partition int, "position" bigint, epoch bigint, surplus boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  size int; rank int; total int; share int; mine int; joined boolean;
  lease interval := lease_ms * interval '1 ms';
BEGIN
  INSERT INTO event_log.members AS m (member, "group", topic, lease_until)
    VALUES (me, my_group, topic_number, clock_timestamp() + lease)
    ON CONFLICT (member) DO UPDATE SET lease_until = excluded.lease_until RETURNING m.xmax = 0 INTO joined;
  DELETE FROM event_log.members gone WHERE gone.member IN (
    SELECT m.member FROM event_log.members m
    WHERE m."group" = my_group AND m.topic = topic_number AND m.lease_until NOT BETWEEN clock_timestamp() AND clock_timestamp() + 2 * lease
    FOR UPDATE SKIP LOCKED);
  IF joined THEN PERFORM pg_notify('event_log', 'members ' || topic_number || ' ' || my_group); END IF;
  UPDATE event_log.groups g SET seen_at = now()
    WHERE g."group" = my_group AND g.topic = topic_number AND g.seen_at < now() - interval '1 minute';
  SELECT count(*), count(*) FILTER (WHERE m.member < me) INTO size, rank FROM event_log.members m
    WHERE m."group" = my_group AND m.topic = topic_number AND m.lease_until BETWEEN clock_timestamp() AND clock_timestamp() + 2 * lease;
  SELECT count(*), count(*) FILTER (WHERE p.owner = me) INTO total, mine FROM event_log.positions p
    WHERE p."group" = my_group AND p.topic = topic_number;
  share := total / size + (rank < total % size)::int;
  IF mine < share THEN
    UPDATE event_log.positions p SET owner = me, epoch = p.epoch + 1 FROM (
      SELECT c.partition FROM event_log.positions c
      WHERE c."group" = my_group AND c.topic = topic_number AND c.owner IS DISTINCT FROM me AND NOT EXISTS (
        SELECT FROM event_log.members m WHERE m.member = c.owner AND m.lease_until BETWEEN clock_timestamp() AND clock_timestamp() + 2 * lease)
      ORDER BY c.partition LIMIT share - mine FOR UPDATE SKIP LOCKED) free
    WHERE p."group" = my_group AND p.topic = topic_number AND p.partition = free.partition;
  END IF;
  RETURN QUERY SELECT me, p.partition, p.position, p.epoch, row_number() OVER (ORDER BY p.partition) > share
    FROM event_log.positions p WHERE p."group" = my_group AND p.topic = topic_number AND p.owner = me;
END $$;
`;

/**
 * Makes the log's tables where they are missing, once: changing a table waits for whoever reads it, a backup too, and all others
 * wait behind that.
 */
export async function createLogTables(pool: Pool): Promise<void> {
  await migrateSchema(pool, 'event_log', [tables + append + attend]);
}
