/** Schema `registry`. A record is a document, `body`, beside the columns it is found by. Entries are only added. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE registry.tasks (name text PRIMARY KEY, body jsonb NOT NULL);
  CREATE TABLE registry.span_numbers (task text, input_digest text, span int NOT NULL, PRIMARY KEY (task, input_digest), UNIQUE (task, span));
  CREATE TABLE registry.spans (task text, span int, input_digest text NOT NULL, body jsonb NOT NULL, PRIMARY KEY (task, span));
  CREATE INDEX ON registry.spans (task, input_digest);
  CREATE TABLE registry.runs (id text PRIMARY KEY, task text NOT NULL, ended_at_ms double precision NOT NULL, body jsonb NOT NULL);
  CREATE INDEX ON registry.runs (task, ended_at_ms);
  CREATE TABLE registry.version_numbers (model text, run_id text, version int NOT NULL, PRIMARY KEY (model, run_id), UNIQUE (model, version));
  CREATE TABLE registry.versions (model text, version int, body jsonb NOT NULL, PRIMARY KEY (model, version));
  CREATE TABLE registry.deployments (model text, revision int, body jsonb NOT NULL, PRIMARY KEY (model, revision));
  CREATE TABLE registry.executions (id text PRIMARY KEY, body jsonb NOT NULL);
  `,
  `
  CREATE INDEX ON registry.versions (model, (body ->> 'state'), version);
  CREATE INDEX ON registry.deployments (model, ((body -> 'labels' ->> 'stable')::int));
  `,
  `
  ALTER TABLE registry.executions ADD COLUMN outputs text[] NOT NULL DEFAULT '{}', ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY;
  CREATE INDEX ON registry.executions USING gin (outputs);
  `,
  `
  CREATE TABLE registry.studies (id text PRIMARY KEY, task text NOT NULL, asked_at_ms double precision NOT NULL, body jsonb NOT NULL);
  CREATE INDEX ON registry.studies (task, asked_at_ms);
  CREATE TABLE registry.tuning_trials (study text REFERENCES registry.studies ON DELETE CASCADE, trial int, body jsonb NOT NULL, PRIMARY KEY (study, trial));
  `,
  `
  CREATE TABLE registry.installation (one bool PRIMARY KEY DEFAULT true CHECK (one), id uuid NOT NULL DEFAULT gen_random_uuid());
  INSERT INTO registry.installation DEFAULT VALUES;
  `,
  `
  -- gone: no image is placed in it any more, and its object is being removed.
  CREATE TABLE registry.image_packs (
    pack uuid PRIMARY KEY DEFAULT gen_random_uuid(), bytes bigint NOT NULL, gone boolean NOT NULL DEFAULT false,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  CREATE TABLE registry.images (
    sha256 bytea PRIMARY KEY, pack uuid NOT NULL, starts bigint NOT NULL, bytes int NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  CREATE INDEX ON registry.images (pack, starts);
  `,
  `
  -- forgotten: once no span names the image, no age keeps it, and no pack its bytes.
  ALTER TABLE registry.images ADD COLUMN forgotten boolean NOT NULL DEFAULT false;
  CREATE INDEX ON registry.images (sha256) WHERE forgotten;
  -- Images that lie in a pack and are not read there: until the pack's object is removed their bytes are in the store.
  CREATE TABLE registry.image_remains (
    pack uuid NOT NULL, sha256 bytea NOT NULL, forgotten boolean NOT NULL DEFAULT false, PRIMARY KEY (pack, sha256)
  );
  CREATE INDEX ON registry.image_remains (sha256);
  CREATE INDEX ON registry.image_remains (pack) WHERE forgotten;
  `,
  `
  CREATE INDEX ON registry.image_remains (sha256) WHERE forgotten;
  -- Images to be forgotten whose bytes lie in a file of before packs, which stays for now.
  CREATE TABLE registry.forgotten_files (sha256 bytea PRIMARY KEY);
  `,
];
