import { type Kysely, Kysely as KyselyDatabase, PostgresDialect, sql } from 'kysely';
import { Pool } from 'pg';
import {
  DeploymentConflict,
  type DeploymentRecord,
  type ExecutionRecord,
  type Metadata,
  type RunRecord,
  type SpanRecord,
  type TaskRecord,
  type VersionRecord,
} from '@adstocrat/metadata';
import { migrate, type Tables } from './tables.ts';

/** {@link Metadata} in PostgreSQL, schema `adstocrat`. */
export class PostgresMetadata implements Metadata {
  readonly #database: Kysely<Tables>;

  private constructor(database: Kysely<Tables>) {
    this.#database = database;
  }

  /** Connects lazily: the first call throws where the server is away. */
  static open(url: string): PostgresMetadata {
    const pool = new Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 5000 });
    // An idle connection that the server ends is not an error of anyone's call: the pool makes a new one.
    pool.on('error', () => undefined);
    return new PostgresMetadata(
      new KyselyDatabase<Tables>({ dialect: new PostgresDialect({ pool }) }).withSchema('adstocrat'),
    );
  }

  migrate(): Promise<void> {
    return migrate(this.#database);
  }

  async ping(): Promise<void> {
    await sql`SELECT 1`.execute(this.#database);
  }

  close(): Promise<void> {
    return this.#database.destroy();
  }

  async putTask(task: TaskRecord): Promise<void> {
    const body = JSON.stringify(task);
    await this.#database
      .insertInto('tasks')
      .values({ name: task.name, body })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ body }))
      .execute();
  }

  async getTask(name: string): Promise<TaskRecord | undefined> {
    return bodyOf(await this.#database.selectFrom('tasks').select('body').where('name', '=', name).executeTakeFirst());
  }

  async listTasks(): Promise<readonly TaskRecord[]> {
    return bodiesOf(await this.#database.selectFrom('tasks').select('body').orderBy('name').execute());
  }

  async reserveSpan(task: string, inputDigest: string): Promise<number> {
    return this.#reserve('span_numbers', 'span', { task, input_digest: inputDigest });
  }

  async reserveVersion(model: string, runId: string): Promise<number> {
    return this.#reserve('version_numbers', 'version', { model, run_id: runId });
  }

  /** The number that a key has, or the next one of its first column. */
  async #reserve(
    table: 'span_numbers' | 'version_numbers',
    number: string,
    key: Readonly<Record<string, string>>,
  ): Promise<number> {
    const [[scopeColumn, scope], [keyColumn, value]] = Object.entries(key) as [[string, string], [string, string]];
    return this.#database.transaction().execute(async (transaction) => {
      // One reservation at a time within a scope: the numbers have no gaps and never repeat.
      await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`${table}/${scope}`}, 0))`.execute(transaction);
      const at = sql.table(`adstocrat.${table}`);
      const { rows: known } = await sql<{ number: number }>`
        SELECT ${sql.ref(number)} AS number FROM ${at} WHERE ${sql.ref(scopeColumn)} = ${scope} AND ${sql.ref(keyColumn)} = ${value}`.execute(
        transaction,
      );
      if (known[0] !== undefined) return known[0].number;
      const { rows } = await sql<{ number: number }>`
        INSERT INTO ${at} (${sql.ref(scopeColumn)}, ${sql.ref(keyColumn)}, ${sql.ref(number)})
        SELECT ${scope}, ${value}, coalesce(max(${sql.ref(number)}), 0) + 1 FROM ${at} WHERE ${sql.ref(scopeColumn)} = ${scope}
        RETURNING ${sql.ref(number)} AS number`.execute(transaction);
      if (rows[0] === undefined) throw new Error(`no number of ${table} was given to ${scope}`);
      return rows[0].number;
    });
  }

  async putSpan(span: SpanRecord): Promise<void> {
    const body = JSON.stringify(span);
    await this.#database
      .insertInto('spans')
      .values({ task: span.task, span: span.span, input_digest: span.inputDigest, body })
      .onConflict((conflict) => conflict.columns(['task', 'span']).doUpdateSet({ body }))
      .execute();
  }

  async getSpan(task: string, span: number): Promise<SpanRecord | undefined> {
    return bodyOf(
      await this.#database
        .selectFrom('spans')
        .select('body')
        .where('task', '=', task)
        .where('span', '=', span)
        .executeTakeFirst(),
    );
  }

  async findSpan(task: string, inputDigest: string): Promise<SpanRecord | undefined> {
    return bodyOf(
      await this.#database
        .selectFrom('spans')
        .select('body')
        .where('task', '=', task)
        .where('input_digest', '=', inputDigest)
        .executeTakeFirst(),
    );
  }

  async listSpans(task: string): Promise<readonly SpanRecord[]> {
    return bodiesOf(
      await this.#database.selectFrom('spans').select('body').where('task', '=', task).orderBy('span').execute(),
    );
  }

  async putRun(run: RunRecord): Promise<void> {
    const body = JSON.stringify(run);
    await this.#database
      .insertInto('runs')
      .values({ id: run.id, task: run.task, started_at_ms: run.startedAtMs, body })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ body }))
      .execute();
  }

  async getRun(id: string): Promise<RunRecord | undefined> {
    return bodyOf(await this.#database.selectFrom('runs').select('body').where('id', '=', id).executeTakeFirst());
  }

  async listRuns(task: string): Promise<readonly RunRecord[]> {
    return bodiesOf(
      await this.#database
        .selectFrom('runs')
        .select('body')
        .where('task', '=', task)
        .orderBy('started_at_ms')
        .orderBy('id')
        .execute(),
    );
  }

  async putVersion(version: VersionRecord): Promise<void> {
    const body = JSON.stringify(version);
    await this.#database
      .insertInto('versions')
      .values({ model: version.model, version: version.version, body })
      .onConflict((conflict) => conflict.columns(['model', 'version']).doUpdateSet({ body }))
      .execute();
  }

  async getVersion(model: string, version: number): Promise<VersionRecord | undefined> {
    return bodyOf(
      await this.#database
        .selectFrom('versions')
        .select('body')
        .where('model', '=', model)
        .where('version', '=', version)
        .executeTakeFirst(),
    );
  }

  async listVersions(model: string): Promise<readonly VersionRecord[]> {
    return bodiesOf(
      await this.#database
        .selectFrom('versions')
        .select('body')
        .where('model', '=', model)
        .orderBy('version')
        .execute(),
    );
  }

  async appendDeployment(deployment: DeploymentRecord): Promise<void> {
    const { model, revision } = deployment;
    // The newest revision is read and the next one written in one statement; the primary key settles a race.
    const { numAffectedRows } = await sql`
      INSERT INTO adstocrat.deployments (model, revision, body)
      SELECT ${model}, ${revision}, ${JSON.stringify(deployment)}::jsonb
      WHERE ${revision} = (SELECT coalesce(max(revision), 0) + 1 FROM adstocrat.deployments WHERE model = ${model})
      ON CONFLICT DO NOTHING`.execute(this.#database);
    if (numAffectedRows !== 1n)
      throw new DeploymentConflict(`revision ${revision} of ${model} is not the newest plus one`);
  }

  async currentDeployment(model: string): Promise<DeploymentRecord | undefined> {
    return bodyOf(
      await this.#database
        .selectFrom('deployments')
        .select('body')
        .where('model', '=', model)
        .orderBy('revision', 'desc')
        .limit(1)
        .executeTakeFirst(),
    );
  }

  async currentDeployments(): Promise<readonly DeploymentRecord[]> {
    return bodiesOf(
      await this.#database
        .selectFrom('deployments')
        .distinctOn('model')
        .select('body')
        .orderBy('model')
        .orderBy('revision', 'desc')
        .execute(),
    );
  }

  async deploymentHistory(model: string): Promise<readonly DeploymentRecord[]> {
    return bodiesOf(
      await this.#database
        .selectFrom('deployments')
        .select('body')
        .where('model', '=', model)
        .orderBy('revision')
        .execute(),
    );
  }

  async putExecution(execution: ExecutionRecord): Promise<void> {
    const body = JSON.stringify(execution);
    const artifacts = [...execution.inputs, ...execution.outputs];
    const { id, kind, state } = execution;
    await this.#database
      .insertInto('executions')
      .values({
        id,
        kind,
        state,
        input_digest: execution.inputDigest,
        artifacts,
        started_at_ms: execution.startedAtMs,
        body,
      })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ state, artifacts, body }))
      .execute();
  }

  async findExecution(kind: string, inputDigest: string): Promise<ExecutionRecord | undefined> {
    return bodyOf(
      await this.#database
        .selectFrom('executions')
        .select('body')
        .where('kind', '=', kind)
        .where('input_digest', '=', inputDigest)
        .where('state', '=', 'succeeded')
        .orderBy('started_at_ms', 'desc')
        .limit(1)
        .executeTakeFirst(),
    );
  }

  async lineageOf(uri: string): Promise<readonly ExecutionRecord[]> {
    const { rows } = await sql<{ body: unknown }>`
      SELECT body FROM adstocrat.executions WHERE artifacts @> ARRAY[${uri}]::text[] ORDER BY started_at_ms, id`.execute(
      this.#database,
    );
    return bodiesOf(rows);
  }
}

/** A stored document is the record that was put: only this class writes these tables. */
function bodyOf<T>(row: { readonly body: unknown } | undefined): T | undefined {
  return row?.body as T | undefined;
}

function bodiesOf<T>(rows: readonly { readonly body: unknown }[]): readonly T[] {
  return rows.map((row) => row.body as T);
}
