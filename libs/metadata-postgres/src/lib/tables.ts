import { type ColumnType, type Kysely, sql } from 'kysely';

/** A document with the columns it is found by. The document is the record as the port defines it. */
interface Documents {
  readonly body: ColumnType<unknown, string, string>;
}

/** Tables in the schema `adstocrat`. */
export interface Tables {
  tasks: Documents & { readonly name: string };
  spans: Documents & { readonly task: string; readonly span: number; readonly input_digest: string };
  span_numbers: { readonly task: string; readonly input_digest: string; readonly span: number };
  runs: Documents & { readonly id: string; readonly task: string; readonly started_at_ms: number };
  version_numbers: { readonly model: string; readonly run_id: string; readonly version: number };
  versions: Documents & { readonly model: string; readonly version: number };
  deployments: Documents & { readonly model: string; readonly revision: number };
  executions: Documents & {
    readonly id: string;
    readonly kind: string;
    readonly input_digest: string;
    readonly state: string;
    readonly artifacts: ColumnType<string[], string[], string[]>;
    readonly started_at_ms: number;
  };
}

/** Each entry brings the tables one version further; entries are only added. */
const migrations: readonly string[] = [
  `
  CREATE TABLE adstocrat.tasks (name text PRIMARY KEY, body jsonb NOT NULL);
  CREATE TABLE adstocrat.span_numbers (task text, input_digest text, span int NOT NULL, PRIMARY KEY (task, input_digest), UNIQUE (task, span));
  CREATE TABLE adstocrat.spans (task text, span int, input_digest text NOT NULL, body jsonb NOT NULL, PRIMARY KEY (task, span));
  CREATE TABLE adstocrat.runs (id text PRIMARY KEY, task text NOT NULL, started_at_ms double precision NOT NULL, body jsonb NOT NULL);
  CREATE TABLE adstocrat.version_numbers (model text, run_id text, version int NOT NULL, PRIMARY KEY (model, run_id), UNIQUE (model, version));
  CREATE TABLE adstocrat.versions (model text, version int, body jsonb NOT NULL, PRIMARY KEY (model, version));
  CREATE TABLE adstocrat.deployments (model text, revision int, body jsonb NOT NULL, PRIMARY KEY (model, revision));
  CREATE TABLE adstocrat.executions (id text PRIMARY KEY, kind text NOT NULL, input_digest text NOT NULL, state text NOT NULL,
    artifacts text[] NOT NULL, started_at_ms double precision NOT NULL, body jsonb NOT NULL);
  CREATE INDEX ON adstocrat.executions (kind, input_digest);
  CREATE INDEX ON adstocrat.executions USING gin (artifacts);
  `,
];

/** Any number; one for each use of PostgreSQL's advisory locks. */
const migrationLock = 7_240_110;

/** Applies what is missing, once, whoever asks at the same time. */
export async function migrate(database: Kysely<Tables>): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await sql`SELECT pg_advisory_xact_lock(${migrationLock})`.execute(transaction);
    await sql`CREATE SCHEMA IF NOT EXISTS adstocrat`.execute(transaction);
    await sql`CREATE TABLE IF NOT EXISTS adstocrat.migrations (version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`.execute(
      transaction,
    );
    const { rows } = await sql<{
      version: number;
    }>`SELECT coalesce(max(version), 0) AS version FROM adstocrat.migrations`.execute(transaction);
    const done = rows[0]?.version ?? 0;
    for (const [index, statements] of migrations.entries()) {
      if (index < done) continue;
      await sql.raw(statements).execute(transaction);
      await sql`INSERT INTO adstocrat.migrations (version) VALUES (${index + 1})`.execute(transaction);
    }
  });
}
