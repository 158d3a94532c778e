import type { Pool } from 'pg';
import { migrateSchema } from '@adstocrat/postgres-client';

/**
 * Schema `jobs`. A job is one row for ever asked-for work of a kind and key; its newest attempt is the fence. The order of the
 * outbox is the order in which transactions reached their end.
 */
const tables = `
CREATE SEQUENCE jobs.attempts;
CREATE TABLE jobs.jobs (
  kind text NOT NULL,
  key text NOT NULL,
  payload jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'running', 'succeeded', 'failed', 'cancelled')),
  attempt bigint NOT NULL DEFAULT 0,
  tries int NOT NULL DEFAULT 0,
  failures int NOT NULL DEFAULT 0,
  losses int NOT NULL DEFAULT 0,
  run_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  lease_until timestamptz,
  owner text NOT NULL DEFAULT '',
  progress jsonb,
  reason text,
  result jsonb,
  requested_by text NOT NULL,
  trace jsonb NOT NULL DEFAULT '{}',
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz,
  PRIMARY KEY (kind, key)
);
CREATE INDEX jobs_live ON jobs.jobs (kind, run_at) WHERE state IN ('waiting', 'running');
CREATE INDEX jobs_ended ON jobs.jobs (ended_at) WHERE ended_at IS NOT NULL;
CREATE TABLE jobs.outputs (
  attempt bigint NOT NULL,
  kind text NOT NULL,
  key text NOT NULL,
  uri text NOT NULL,
  PRIMARY KEY (attempt, uri)
);
CREATE TABLE jobs.outbox (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  message text NOT NULL,
  id text NOT NULL,
  key text NOT NULL,
  source text NOT NULL,
  time_ms double precision NOT NULL,
  trace jsonb NOT NULL,
  data bytea NOT NULL,
  refused text
);
CREATE INDEX outbox_waiting ON jobs.outbox (position) WHERE refused IS NULL;
`;

/** Makes what is missing, once, whoever asks at the same time. */
export function migrate(pool: Pool): Promise<void> {
  return migrateSchema(pool, 'jobs', [tables]);
}
