import type { Pool } from 'pg';

/** Feedback's own tables. Times are event time in Unix milliseconds, but `raised_at_ms`. */
const statements = `
CREATE SCHEMA IF NOT EXISTS feedback;
-- One row a prediction, until it is past every window.
CREATE TABLE IF NOT EXISTS feedback.predictions (
  prediction_id text PRIMARY KEY,
  model text NOT NULL,
  version bigint NOT NULL,
  score real NOT NULL,
  -- When it was shown: its event time, or that of its impression event where the task has those; null before.
  opened_ms bigint,
  clicked_ms bigint,
  labelled boolean NOT NULL DEFAULT false,
  seen_at timestamptz NOT NULL DEFAULT now(),
  event bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS predictions_by_time ON feedback.predictions (model, opened_ms);
CREATE INDEX IF NOT EXISTS predictions_unlabelled ON feedback.predictions (model, opened_ms) WHERE NOT labelled;
-- Clicks and impressions that came before their prediction.
CREATE TABLE IF NOT EXISTS feedback.early_clicks (
  prediction_id text PRIMARY KEY, event_ms bigint NOT NULL, seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS feedback.early_impressions (
  prediction_id text PRIMARY KEY, event_ms bigint NOT NULL, seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS feedback.totals (
  model text PRIMARY KEY, predictions bigint NOT NULL DEFAULT 0, labelled bigint NOT NULL DEFAULT 0,
  clicks bigint NOT NULL DEFAULT 0, newest_ms bigint NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS feedback.windows (
  model text NOT NULL, kind text NOT NULL, judged_until_ms bigint NOT NULL, PRIMARY KEY (model, kind)
);
CREATE TABLE IF NOT EXISTS feedback.readings (
  model text NOT NULL, version bigint NOT NULL, monitor text NOT NULL, subject text NOT NULL, value double precision NOT NULL,
  threshold double precision NOT NULL, rows bigint NOT NULL, start_ms bigint NOT NULL, end_ms bigint NOT NULL,
  PRIMARY KEY (model, version, monitor, subject)
);
CREATE TABLE IF NOT EXISTS feedback.alerts (
  number bigserial PRIMARY KEY, alert_id text UNIQUE NOT NULL, model text NOT NULL, version bigint NOT NULL,
  monitor text NOT NULL, subject text NOT NULL, value double precision NOT NULL, threshold double precision NOT NULL,
  -- labelled_before: rows of the model labelled when it was raised.
  message text NOT NULL, onset_ms bigint NOT NULL, event_time_ms bigint NOT NULL, raised_at_ms bigint NOT NULL,
  labelled_before bigint NOT NULL, resolved_ms bigint, published boolean NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS alerts_open ON feedback.alerts (model) WHERE resolved_ms IS NULL;
CREATE TABLE IF NOT EXISTS feedback.retrains (
  retrain_id text PRIMARY KEY, model text NOT NULL, reason text NOT NULL, event_time_ms bigint NOT NULL,
  requested_at_ms bigint NOT NULL, published boolean NOT NULL DEFAULT false
);
`;

/** Brings feedback's tables to this code's version. Safe from several processes at once. */
export async function migrate(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('adstocrat.feedback'))`);
    await client.query(statements);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
