import type { Pool } from 'pg';
import type { Transaction } from '@adstocrat/jobs';
import { clientOf } from '@adstocrat/jobs-postgres';
import {
  DeploymentConflict,
  type DeploymentRecord,
  type ExecutionRecord,
  type Metadata,
  type RunRecord,
  type SpanRecord,
  type StudyRecord,
  type TaskRecord,
  type TuningTrialRecord,
  type VersionChange,
  VersionConflict,
  type VersionRecord,
} from '@adstocrat/metadata';
import { closePool, migrateSchema, openPool } from '@adstocrat/postgres-client';
import { PostgresImages } from './postgres-images.ts';
import { reserveNumber } from './reserve-number.ts';
import { migrations } from './tables.ts';

/** {@link Metadata} in PostgreSQL, schema `registry`. Its transactions are those of `PostgresJobs`. */
export class PostgresMetadata implements Metadata {
  readonly images: PostgresImages;
  readonly #pool: Pool;

  private constructor(pool: Pool) {
    this.#pool = pool;
    this.images = new PostgresImages(pool);
  }

  /** Connects lazily: the first call throws where the server is away. */
  static open(url: string): PostgresMetadata {
    return new PostgresMetadata(openPool(url, { name: 'registry', max: 4 }));
  }

  migrate(): Promise<void> {
    return migrateSchema(this.#pool, 'registry', migrations);
  }

  async ping(): Promise<void> {
    await this.#pool.query('SELECT 1');
  }

  async installation(): Promise<string> {
    const { rows } = await this.#pool.query<{ id: string }>('SELECT id FROM registry.installation');
    return rows[0]!.id;
  }

  close(): Promise<void> {
    return closePool(this.#pool);
  }

  async putTask(task: TaskRecord, transaction?: Transaction): Promise<void> {
    await this.#put('tasks', { name: task.name }, {}, task, transaction);
  }

  getTask(name: string): Promise<TaskRecord | undefined> {
    return this.#one('FROM registry.tasks WHERE name = $1', [name]);
  }

  listTasks(): Promise<readonly TaskRecord[]> {
    return this.#all('FROM registry.tasks ORDER BY name', []);
  }

  reserveSpan(task: string, inputDigest: string, transaction?: Transaction): Promise<number> {
    return reserveNumber(this.#pool, 'span', [task, inputDigest], transaction);
  }

  async putSpan(span: SpanRecord, transaction?: Transaction): Promise<void> {
    const { task, inputDigest } = span;
    await this.#put('spans', { task, span: span.span }, { input_digest: inputDigest }, span, transaction);
  }

  async removeSpan(
    { task, span, uri }: Pick<SpanRecord, 'task' | 'span' | 'uri'>,
    transaction?: Transaction,
  ): Promise<boolean> {
    const { rowCount } = await this.#database(transaction).query(
      `DELETE FROM registry.spans WHERE task = $1 AND span = $2 AND body ->> 'uri' = $3`,
      [task, span, uri],
    );
    return rowCount === 1;
  }

  getSpan(task: string, span: number): Promise<SpanRecord | undefined> {
    return this.#one('FROM registry.spans WHERE task = $1 AND span = $2', [task, span]);
  }

  findSpan(task: string, inputDigest: string): Promise<SpanRecord | undefined> {
    return this.#one('FROM registry.spans WHERE task = $1 AND input_digest = $2', [task, inputDigest]);
  }

  listSpans(task: string): Promise<readonly SpanRecord[]> {
    return this.#all('FROM registry.spans WHERE task = $1 ORDER BY span', [task]);
  }

  reserveVersion(model: string, runId: string, transaction?: Transaction): Promise<number> {
    return reserveNumber(this.#pool, 'version', [model, runId], transaction);
  }

  async putRun(run: RunRecord, transaction?: Transaction): Promise<void> {
    const { id, task, endedAtMs } = run;
    await this.#put('runs', { id }, { task, ended_at_ms: endedAtMs }, run, transaction);
  }

  getRun(id: string): Promise<RunRecord | undefined> {
    return this.#one('FROM registry.runs WHERE id = $1', [id]);
  }

  listRuns(task: string): Promise<readonly RunRecord[]> {
    return this.#all('FROM registry.runs WHERE task = $1 ORDER BY ended_at_ms, id', [task]);
  }

  getStudy(id: string): Promise<StudyRecord | undefined> {
    return this.#one('FROM registry.studies WHERE id = $1', [id]);
  }

  listStudies(task: string): Promise<readonly StudyRecord[]> {
    return this.#all('FROM registry.studies WHERE task = $1 ORDER BY asked_at_ms, id', [task]);
  }

  listTuningTrials(study: string, transaction?: Transaction): Promise<readonly TuningTrialRecord[]> {
    return this.#all('FROM registry.tuning_trials WHERE study = $1 ORDER BY trial', [study], transaction);
  }

  lockStudy(id: string, transaction: Transaction): Promise<void> {
    return lock(`study/${id}`, transaction);
  }

  async putStudy(study: StudyRecord, transaction?: Transaction): Promise<void> {
    const { id, task, askedAtMs } = study;
    await this.#put('studies', { id }, { task, asked_at_ms: askedAtMs }, study, transaction);
  }

  async putTuningTrial(trial: TuningTrialRecord, transaction?: Transaction): Promise<void> {
    await this.#put('tuning_trials', { study: trial.study, trial: trial.trial }, {}, trial, transaction);
  }

  async removeStudy(id: string, transaction?: Transaction): Promise<void> {
    await this.#database(transaction).query('DELETE FROM registry.studies WHERE id = $1', [id]);
  }

  async addVersion(version: VersionRecord, transaction?: Transaction): Promise<VersionRecord> {
    const key = [version.model, version.version];
    await this.#database(transaction).query(
      'INSERT INTO registry.versions (model, version, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [...key, JSON.stringify(version)],
    );
    const stands = await this.#one<VersionRecord>(
      'FROM registry.versions WHERE model = $1 AND version = $2',
      key,
      transaction,
    );
    if (stands === undefined) throw new Error(`version ${version.version} of ${version.model} vanished`);
    return stands;
  }

  async updateVersion(
    model: string,
    version: number,
    expected: VersionRecord['state'],
    change: VersionChange,
    transaction?: Transaction,
  ): Promise<VersionRecord> {
    const { rows } = await this.#database(transaction).query<{ body: VersionRecord }>(
      `UPDATE registry.versions SET body = body || $4::jsonb WHERE model = $1 AND version = $2 AND body ->> 'state' = $3 RETURNING body`,
      [model, version, expected, JSON.stringify(change)],
    );
    if (rows[0] === undefined) throw new VersionConflict(`version ${version} of ${model} is not ${expected}`);
    return rows[0].body;
  }

  lockModel(model: string, transaction: Transaction): Promise<void> {
    return lock(`model/${model}`, transaction);
  }

  getVersion(model: string, version: number, transaction?: Transaction): Promise<VersionRecord | undefined> {
    return this.#one('FROM registry.versions WHERE model = $1 AND version = $2', [model, version], transaction);
  }

  async listVersions(model: string, limit?: number): Promise<readonly VersionRecord[]> {
    const newest = 'FROM registry.versions WHERE model = $1 ORDER BY version DESC LIMIT $2';
    return (await this.#all<VersionRecord>(newest, [model, limit ?? null])).toReversed();
  }

  versionsIn(
    model: string,
    states: readonly VersionRecord['state'][],
    limit: number,
    transaction?: Transaction,
  ): Promise<readonly VersionRecord[]> {
    const from = `FROM registry.versions WHERE model = $1 AND body ->> 'state' = ANY ($2) ORDER BY version LIMIT $3`;
    return this.#all(from, [model, [...states], limit], transaction);
  }

  async appendDeployment(deployment: DeploymentRecord, transaction?: Transaction): Promise<void> {
    const { model, revision } = deployment;
    // The newest revision is read and the next one written in one statement; the primary key settles a race.
    const { rowCount } = await this.#database(transaction).query(
      `INSERT INTO registry.deployments (model, revision, body)
       SELECT $1::text, $2::int, $3::jsonb
       WHERE $2::int = (SELECT coalesce(max(revision), 0) + 1 FROM registry.deployments WHERE model = $1)
       ON CONFLICT DO NOTHING`,
      [model, revision, JSON.stringify(deployment)],
    );
    if (rowCount !== 1) throw new DeploymentConflict(`revision ${revision} of ${model} is not the newest plus one`);
  }

  currentDeployment(model: string, transaction?: Transaction): Promise<DeploymentRecord | undefined> {
    const newest = 'FROM registry.deployments WHERE model = $1 ORDER BY revision DESC LIMIT 1';
    return this.#one(newest, [model], transaction);
  }

  async stableBefore(model: string, version: number, transaction?: Transaction): Promise<number | undefined> {
    const { rows } = await this.#database(transaction).query<{ readonly stable: number | null }>(
      `SELECT max((body -> 'labels' ->> 'stable')::int) AS stable FROM registry.deployments
       WHERE model = $1 AND (body -> 'labels' ->> 'stable')::int < $2`,
      [model, version],
    );
    return rows[0]?.stable ?? undefined;
  }

  currentDeployments(): Promise<readonly DeploymentRecord[]> {
    return this.#all(
      `FROM registry.deployments AS d WHERE revision = (SELECT max(revision) FROM registry.deployments WHERE model = d.model)
       ORDER BY model`,
      [],
    );
  }

  async putExecution(execution: ExecutionRecord, transaction?: Transaction): Promise<void> {
    const { id, outputs } = execution;
    await this.#put('executions', { id }, { outputs }, execution, transaction);
  }

  makerOf(uri: string): Promise<ExecutionRecord | undefined> {
    const newest = 'FROM registry.executions WHERE outputs @> ARRAY[$1]::text[] ORDER BY position DESC LIMIT 1';
    return this.#one(newest, [uri]);
  }

  #database(transaction: Transaction | undefined): Pool | ReturnType<typeof clientOf> {
    return transaction === undefined ? this.#pool : clientOf(transaction);
  }

  /** Inserts a document or replaces it by its key. */
  async #put(
    table: 'tasks' | 'spans' | 'runs' | 'studies' | 'tuning_trials' | 'executions',
    key: Readonly<Record<string, string | number>>,
    foundBy: Readonly<Record<string, string | number | readonly string[]>>,
    document: unknown,
    transaction?: Transaction,
  ): Promise<void> {
    const row = { ...key, ...foundBy, body: JSON.stringify(document) };
    const columns = Object.keys(row);
    const replaced = columns.filter((column) => !(column in key)).map((column) => `${column} = excluded.${column}`);
    await this.#database(transaction).query(
      `INSERT INTO registry.${table} (${columns.join(', ')}) VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')})
       ON CONFLICT (${Object.keys(key).join(', ')}) DO UPDATE SET ${replaced.join(', ')}`,
      Object.values(row),
    );
  }

  async #one<T>(from: string, values: readonly unknown[], transaction?: Transaction): Promise<T | undefined> {
    return (await this.#all<T>(from, values, transaction))[0];
  }

  /** A stored document is the record that was put: only this class writes these tables. */
  async #all<T>(from: string, values: readonly unknown[], transaction?: Transaction): Promise<readonly T[]> {
    const { rows } = await this.#database(transaction).query<{ body: T }>(`SELECT body ${from}`, [...values]);
    return rows.map(({ body }) => body);
  }
}

/** Until the transaction's end. */
async function lock(name: string, transaction: Transaction): Promise<void> {
  await clientOf(transaction).query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
}
