import type { Pool } from 'pg';
import { inTransaction } from '@adstocrat/postgres-client';

/** Stretches that a model's predictions are dealt into by id, so that several processes label one model at once. */
export const lanes = 4;

/**
 * Feedback's own tables. Times are server time in Unix milliseconds, `seen_ms` the bus's: when the event became part of the log, but not before
 * what was said to be read of its partition. Only
 * `raised_at_ms` and `requested_at_ms` are the wall clock's, and `read_until_ms` is the bus's.
 */
const statements = `
CREATE SCHEMA IF NOT EXISTS feedback;
-- Stretches of server time, without gaps. Rows are kept by the slice of the bus's own stamp; retention drops whole slices.
CREATE TABLE IF NOT EXISTS feedback.slices (
  from_ms bigint PRIMARY KEY, to_ms bigint NOT NULL, dropped boolean NOT NULL DEFAULT false
);
-- What was scored, as it came. Never changed. An id that is scored again within a slice is the same prediction: the first one.
CREATE TABLE IF NOT EXISTS feedback.predictions (
  slice bigint NOT NULL, prediction_id text COLLATE "C" NOT NULL, model text COLLATE "C" NOT NULL, lane smallint NOT NULL,
  seen_ms bigint NOT NULL, served_ms bigint NOT NULL, version bigint NOT NULL, score real NOT NULL, event bytea NOT NULL,
  PRIMARY KEY (prediction_id, model, slice)
) PARTITION BY LIST (slice);
CREATE INDEX IF NOT EXISTS predictions_in_order ON feedback.predictions (model, lane, seen_ms);
-- What people did about it. Never changed. model '': about every model that scored the id.
CREATE TABLE IF NOT EXISTS feedback.facts (
  slice bigint NOT NULL, prediction_id text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, model text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL, time_ms bigint NOT NULL, seen_ms bigint NOT NULL,
  PRIMARY KEY (prediction_id, kind, id, slice)
) PARTITION BY LIST (slice);
CREATE INDEX IF NOT EXISTS facts_in_order ON feedback.facts (seen_ms);
-- How far each partition of the bus has been read, by the bus's clock.
CREATE TABLE IF NOT EXISTS feedback.progress (
  topic text NOT NULL, partition int NOT NULL, read_until_ms double precision NOT NULL, PRIMARY KEY (topic, partition)
);
-- How far a duty has come: it has done with everything seen until then.
CREATE TABLE IF NOT EXISTS feedback.cursors (
  duty text NOT NULL, model text NOT NULL, lane smallint NOT NULL, until_ms bigint NOT NULL, PRIMARY KEY (duty, model, lane)
);
CREATE TABLE IF NOT EXISTS feedback.counts (
  model text NOT NULL, name text NOT NULL, lane smallint NOT NULL, count bigint NOT NULL, PRIMARY KEY (model, name, lane)
);
-- Sums of a window that is not judged yet. state: what the sums' own code makes of it.
CREATE TABLE IF NOT EXISTS feedback.sums (
  kind text NOT NULL, model text NOT NULL, version bigint NOT NULL, start_ms bigint NOT NULL, end_ms bigint NOT NULL,
  lane smallint NOT NULL, state text NOT NULL, PRIMARY KEY (kind, model, start_ms, version, lane)
);
-- Up to where a model's windows are judged.
CREATE TABLE IF NOT EXISTS feedback.judged (
  kind text NOT NULL, model text NOT NULL, until_ms bigint NOT NULL, PRIMARY KEY (kind, model)
);
CREATE TABLE IF NOT EXISTS feedback.readings (
  model text NOT NULL, version bigint NOT NULL, monitor text NOT NULL, subject text NOT NULL, value double precision NOT NULL,
  threshold double precision NOT NULL, rows bigint NOT NULL, start_ms bigint NOT NULL, end_ms bigint NOT NULL,
  PRIMARY KEY (model, version, monitor, subject)
);
-- labelled_before: rows of the model labelled when it was raised.
CREATE TABLE IF NOT EXISTS feedback.alerts (
  number bigserial PRIMARY KEY, alert_id text UNIQUE NOT NULL, model text NOT NULL, version bigint NOT NULL,
  monitor text NOT NULL, subject text NOT NULL, value double precision NOT NULL, threshold double precision NOT NULL,
  message text NOT NULL, onset_ms bigint NOT NULL, event_time_ms bigint NOT NULL, raised_at_ms bigint NOT NULL,
  labelled_before bigint NOT NULL, resolved_ms bigint, published boolean NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS alerts_open ON feedback.alerts (model) WHERE resolved_ms IS NULL;
CREATE INDEX IF NOT EXISTS alerts_unsaid ON feedback.alerts (number) WHERE NOT published;
CREATE TABLE IF NOT EXISTS feedback.retrains (
  retrain_id text PRIMARY KEY, model text NOT NULL, reason text NOT NULL, event_time_ms bigint NOT NULL, until_ms bigint NOT NULL,
  requested_at_ms bigint NOT NULL, published boolean NOT NULL DEFAULT false
);
`;

/** Brings feedback's tables to this code's version. Safe from several processes at once. */
export async function migrate(pool: Pool): Promise<void> {
  await inTransaction(pool, (client) => client.query(statements), { lock: 'feedback.tables' });
}
