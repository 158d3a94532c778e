import type { Pool } from 'pg';
import { migrateSchema } from '@adstocrat/postgres-client';

/** Ingestion's own tables. Rows of live traffic lie here only until they are in a shard. */
const statements = `
-- Which labelled rows were taken in: sha256(model, prediction id), by the hour in which the prediction was served.
CREATE TABLE ingestion.live_keys (hour int NOT NULL, key uuid NOT NULL, PRIMARY KEY (hour, key))
  PARTITION BY LIST (hour);
-- The newest time, by the bus's clock, at which a row of the hour came: its keys are kept until long after.
CREATE TABLE ingestion.live_key_hours (hour int PRIMARY KEY, appended_ms bigint NOT NULL);
-- Rows that wait for a shard, a batch of them compressed in each.
CREATE TABLE ingestion.live_chunks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, model text NOT NULL, hour int NOT NULL, rows int NOT NULL,
  taken_at timestamptz NOT NULL DEFAULT clock_timestamp(), body bytea NOT NULL
);
ALTER TABLE ingestion.live_chunks ALTER COLUMN body SET STORAGE EXTERNAL;
-- How far each partition of the labelled rows is read, by the bus's clock.
CREATE TABLE ingestion.live_progress (partition int PRIMARY KEY, read_until_ms bigint NOT NULL);
-- Hourly Parquet files of labelled rows. span: the live span that they are in, 0 where they were given up.
CREATE TABLE ingestion.live_shards (
  model text NOT NULL, hour int NOT NULL, shard bigint NOT NULL, uri text NOT NULL, digest text NOT NULL, rows int NOT NULL,
  span int, PRIMARY KEY (model, hour, shard)
);
-- Who waits for a batch span, to know whether anybody does.
CREATE TABLE ingestion.watchers (
  watcher uuid PRIMARY KEY, job text NOT NULL, seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
`;

const forgotten = `
-- Who was forgotten when: the column that told them, and counts by place. Never the value, nor a pseudonym of it.
CREATE TABLE ingestion.forgotten (
  id uuid PRIMARY KEY, column_name text NOT NULL, started_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL DEFAULT clock_timestamp(), result jsonb NOT NULL
);
`;

const images = `
-- A look for images that no span names, to its end; one at a time. attempt: of the job that does it, others change nothing. spans: the
-- folders of those that it knows. waits_for: attempts at spans that may have found an image before it was marked.
CREATE TABLE ingestion.image_sweeps (
  sweep bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  state text NOT NULL DEFAULT 'marking' CHECK (state IN ('marking', 'waiting', 'sweeping', 'ended')),
  attempt bigint NOT NULL DEFAULT 0, spans text[], waits_for jsonb, void boolean NOT NULL DEFAULT false, more boolean NOT NULL DEFAULT false,
  images bigint NOT NULL DEFAULT 0, bytes bigint NOT NULL DEFAULT 0,
  begun_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX image_sweeps_open ON ingestion.image_sweeps ((true)) WHERE state <> 'ended';
-- Images that no span names. going: nothing takes that back any more, whoever needs the image writes it anew once the file is gone.
CREATE TABLE ingestion.image_marks (
  sha256 text COLLATE "C" PRIMARY KEY, sweep bigint NOT NULL, generation text NOT NULL, bytes bigint NOT NULL,
  going boolean NOT NULL DEFAULT false
);
`;

const packed = `
-- Images lie in packs: what an earlier release had marked were objects.
DELETE FROM ingestion.image_marks;
UPDATE ingestion.image_sweeps SET state = 'ended' WHERE state <> 'ended';
ALTER TABLE ingestion.image_marks DROP COLUMN generation, ADD COLUMN pack uuid NOT NULL;
`;

const folders = `
-- Folders that held rows of somebody who was forgotten, and whose place another took: a row goes when the files are gone.
CREATE TABLE ingestion.forgotten_folders (uri text COLLATE "C" PRIMARY KEY, root text NOT NULL);
`;

const begun = `
-- Folders that are being written to take a place are known as well, until they have it: those do not go while their writer lives.
ALTER TABLE ingestion.forgotten_folders ADD COLUMN going boolean NOT NULL DEFAULT true;
`;

/** Brings the tables to this code's version. Safe from several processes at once. */
export function migrateLiveTables(pool: Pool): Promise<void> {
  return migrateSchema(pool, 'ingestion', [statements, forgotten, images, packed, folders, begun]);
}
