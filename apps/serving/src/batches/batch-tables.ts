import type { Pool } from 'pg';
import { migrateSchema } from '@adstocrat/postgres-client';

/** Serving's own tables: only batches need them, predictions do without a database. */
const statements = `
CREATE TABLE serving.batches (
  id text PRIMARY KEY, run bigint GENERATED ALWAYS AS IDENTITY, model text NOT NULL, version int NOT NULL, uri text NOT NULL, digest text NOT NULL,
  source text NOT NULL, allow_missing boolean NOT NULL,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'succeeded', 'failed')),
  planned_uri text NOT NULL DEFAULT '', rejected bigint NOT NULL DEFAULT 0, reasons jsonb NOT NULL DEFAULT '[]',
  results_uri text NOT NULL DEFAULT '', reason text NOT NULL DEFAULT '',
  begun_at timestamptz NOT NULL DEFAULT clock_timestamp(), ended_at timestamptz
);
CREATE INDEX batches_ended ON serving.batches (ended_at) WHERE ended_at IS NOT NULL;
-- Rows before a shard's first are those of the shards before it. uri: of its rows; results_uri: of what came of them, once scored.
CREATE TABLE serving.batch_shards (
  batch text NOT NULL REFERENCES serving.batches ON DELETE CASCADE, shard int NOT NULL,
  path text NOT NULL, rows int NOT NULL, before bigint NOT NULL,
  results_uri text, scored int NOT NULL DEFAULT 0, failed int NOT NULL DEFAULT 0, reasons jsonb NOT NULL DEFAULT '[]',
  PRIMARY KEY (batch, shard)
);
-- What is stored for a model: seen, and taken by one batch.
CREATE TABLE serving.stored_files (
  model text NOT NULL, uri text NOT NULL, generation text NOT NULL, bytes bigint NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  batch text REFERENCES serving.batches ON DELETE CASCADE,
  PRIMARY KEY (model, uri, generation)
);
CREATE INDEX stored_files_batch ON serving.stored_files (batch);
`;

const declaredColumns = `ALTER TABLE serving.batches ADD COLUMN columns text[] NOT NULL DEFAULT '{}'`;

const oddities = `ALTER TABLE serving.batches ADD COLUMN odd jsonb NOT NULL DEFAULT '[]'`;

/** Brings the tables to this code's version. Safe from several processes at once. */
export function migrateBatchTables(pool: Pool): Promise<void> {
  return migrateSchema(pool, 'serving', [statements, declaredColumns, oddities]);
}
