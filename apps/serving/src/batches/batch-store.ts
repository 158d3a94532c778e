import type { Pool } from 'pg';
import { TransientFailure } from '@adstocrat/event-bus';
import type { FailureReason } from '@adstocrat/examples';
import type { Transaction } from '@adstocrat/jobs';
import { clientOf } from '@adstocrat/jobs-postgres';
import type { Batch, BatchStatus } from './batch.ts';

/** Rows of a batch that one process scores at a time. */
export interface Shard {
  readonly shard: number;
  /** Below the batch's plan. */
  readonly path: string;
  readonly rows: number;
  /** Rows of the shards before it. */
  readonly before: number;
}

/** What came of a shard. */
export interface ShardResult {
  readonly resultsUri: string;
  readonly scored: number;
  readonly failed: number;
  readonly reasons: readonly FailureReason[];
}

/** What came of planning. */
export interface Plan {
  readonly uri: string;
  readonly shards: readonly Shard[];
  /** Rows that could not be read. */
  readonly rejected: number;
  readonly reasons: readonly FailureReason[];
  /** What is told of files that could be read: a sentence each. */
  readonly odd: readonly string[];
}

/** A file that is stored for a model, as it was listed. */
export interface StoredFile {
  readonly uri: string;
  readonly generation: string;
  readonly bytes: number;
}

const statusColumns = `b.id, b.run, b.model, b.version, b.uri, b.digest, b.source, b.allow_missing AS "allowMissing", b.columns, b.state,
  b.results_uri AS "resultsUri", b.reason, b.odd,
  b.rejected + coalesce(sum(s.rows), 0)::bigint AS rows, coalesce(sum(s.scored), 0)::bigint AS scored,
  b.rejected + coalesce(sum(s.failed), 0)::bigint AS failed`;

const aboutToTake = `b.model = $1 AND b.source = '' AND b.planned_uri = '' AND b.state = 'running'`;

/** Batches, their shards, and which stored file belongs to which batch. */
export class BatchStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async find(id: string, transaction?: Transaction): Promise<BatchStatus | undefined> {
    const { rows } = await this.#of(transaction).query<BatchStatus>(
      `SELECT ${statusColumns} FROM serving.batches b LEFT JOIN serving.batch_shards s ON s.batch = b.id WHERE b.id = $1 GROUP BY b.id`,
      [id],
    );
    return rows[0];
  }

  /** Records a batch where none has its id, and has it run where it had failed: as another run, whose steps are asked for anew, read as asked for now where it is not planned yet. */
  async begin(
    { id, model, version, uri, digest, source, allowMissing, columns }: Omit<Batch, 'run'>,
    transaction: Transaction,
  ): Promise<void> {
    await clientOf(transaction).query(
      `INSERT INTO serving.batches AS known (id, model, version, uri, digest, source, allow_missing, columns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (id) DO UPDATE SET state = 'running', run = DEFAULT, reason = '', ended_at = NULL,
         allow_missing = CASE known.planned_uri WHEN '' THEN EXCLUDED.allow_missing ELSE known.allow_missing END,
         columns = CASE known.planned_uri WHEN '' THEN EXCLUDED.columns ELSE known.columns END WHERE known.state = 'failed'`,
      [id, model, version, uri, digest, source, allowMissing, columns],
    );
  }

  async anyRunning(): Promise<boolean> {
    const { rows } = await this.#pool.query(`SELECT FROM serving.batches WHERE state = 'running' LIMIT 1`);
    return rows.length > 0;
  }

  /** Locks the batch until the transaction ends. False where it is gone, has ended, or goes on as another run. */
  async lockRunning({ id, run }: Pick<Batch, 'id' | 'run'>, transaction: Transaction): Promise<boolean> {
    const { rows } = await clientOf(transaction).query<{ state: string; run: number }>(
      'SELECT state, run FROM serving.batches WHERE id = $1 FOR UPDATE',
      [id],
    );
    return rows[0]?.state === 'running' && rows[0].run === run;
  }

  /** Files of the model's that no batch has taken, oldest first. */
  async untaken(model: string): Promise<readonly StoredFile[]> {
    const { rows } = await this.#pool.query<StoredFile>(
      'SELECT uri, generation, bytes FROM serving.stored_files WHERE model = $1 AND batch IS NULL ORDER BY seen_at, uri',
      [model],
    );
    return rows;
  }

  /** Remembers files that are listed. Those that it did not know. */
  async seen(model: string, files: readonly StoredFile[]): Promise<readonly StoredFile[]> {
    const { rows } = await this.#pool.query<StoredFile>(
      `INSERT INTO serving.stored_files (model, uri, generation, bytes)
       SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[]) ON CONFLICT DO NOTHING
       RETURNING uri, generation, bytes`,
      [model, files.map(({ uri }) => uri), files.map(({ generation }) => generation), files.map(({ bytes }) => bytes)],
    );
    return rows;
  }

  /** Forgets a file that is gone, where no batch has taken it. */
  async gone({ uri, generation }: Pick<StoredFile, 'uri' | 'generation'>): Promise<void> {
    await this.#pool.query('DELETE FROM serving.stored_files WHERE uri = $1 AND generation = $2 AND batch IS NULL', [
      uri,
      generation,
    ]);
  }

  /** Whether a batch is about to take what is stored for a model. */
  async planning(model: string): Promise<boolean> {
    const { rows } = await this.#pool.query(`SELECT FROM serving.batches b WHERE ${aboutToTake} LIMIT 1`, [model]);
    return rows.length > 0;
  }

  /** Ids of the model's batches that took what was stored and failed with it `againMs` ago or more, begun less than `keptMs` ago. */
  async failedWithRows(
    model: string,
    { againMs, keptMs }: { readonly againMs: number; readonly keptMs: number },
  ): Promise<readonly string[]> {
    const { rows } = await this.#pool.query<Pick<Batch, 'id'>>(
      `SELECT id FROM serving.batches WHERE model = $1 AND source = '' AND state = 'failed' AND planned_uri <> ''
         AND ended_at < clock_timestamp() - $2 * interval '1 millisecond'
         AND begun_at > clock_timestamp() - $3 * interval '1 millisecond' ORDER BY id`,
      [model, againMs, keptMs],
    );
    return rows.map(({ id }) => id);
  }

  /** Records the shards; the files are this batch's now, all of them or none. Throws a {@link TransientFailure} where another has one. */
  async planned(
    { id, model }: Batch,
    { uri, shards, rejected, reasons, odd }: Plan,
    files: readonly StoredFile[],
    transaction: Transaction,
  ): Promise<void> {
    const client = clientOf(transaction);
    const { rowCount } = await client.query(
      `UPDATE serving.stored_files f SET batch = $1 FROM unnest($3::text[], $4::text[]) AS mine (uri, generation)
       WHERE f.model = $2 AND f.uri = mine.uri AND f.generation = mine.generation AND f.batch IS NULL`,
      [id, model, files.map((file) => file.uri), files.map(({ generation }) => generation)],
    );
    if (rowCount !== files.length) throw new TransientFailure('another batch has these rows: look again');
    await client.query(
      'UPDATE serving.batches SET planned_uri = $2, rejected = $3, reasons = $4, odd = $5 WHERE id = $1',
      [id, uri, rejected, JSON.stringify(reasons), JSON.stringify(odd)],
    );
    await client.query(
      `INSERT INTO serving.batch_shards (batch, shard, path, rows, before)
       SELECT $1, * FROM unnest($2::int[], $3::text[], $4::int[], $5::bigint[])`,
      [
        id,
        shards.map(({ shard }) => shard),
        shards.map(({ path }) => path),
        shards.map(({ rows }) => rows),
        shards.map(({ before }) => before),
      ],
    );
  }

  /** The plan as it was recorded; an empty URI before that. */
  async plan(id: string, transaction?: Transaction): Promise<Omit<Plan, 'shards' | 'odd'>> {
    const { rows } = await this.#of(transaction).query<Omit<Plan, 'shards' | 'odd'>>(
      'SELECT planned_uri AS uri, rejected, reasons FROM serving.batches WHERE id = $1',
      [id],
    );
    return rows[0] ?? { uri: '', rejected: 0, reasons: [] };
  }

  async shard(id: string, shard: number): Promise<Shard | undefined> {
    const { rows } = await this.#pool.query<Shard>(
      'SELECT shard, path, rows, before FROM serving.batch_shards WHERE batch = $1 AND shard = $2',
      [id, shard],
    );
    return rows[0];
  }

  /** Shards that are not scored yet. */
  async open(id: string, transaction: Transaction): Promise<readonly number[]> {
    const { rows } = await clientOf(transaction).query<{ shard: number }>(
      'SELECT shard FROM serving.batch_shards WHERE batch = $1 AND results_uri IS NULL ORDER BY shard',
      [id],
    );
    return rows.map(({ shard }) => shard);
  }

  async scored(id: string, shard: number, result: ShardResult, transaction: Transaction): Promise<void> {
    await clientOf(transaction).query(
      `UPDATE serving.batch_shards SET results_uri = $3, scored = $4, failed = $5, reasons = $6 WHERE batch = $1 AND shard = $2`,
      [id, shard, result.resultsUri, result.scored, result.failed, JSON.stringify(result.reasons)],
    );
  }

  /** What came of the shards, in their order. */
  async results(id: string): Promise<readonly ShardResult[]> {
    const { rows } = await this.#pool.query<ShardResult>(
      'SELECT results_uri AS "resultsUri", scored, failed, reasons FROM serving.batch_shards WHERE batch = $1 ORDER BY shard',
      [id],
    );
    return rows;
  }

  async end(
    id: string,
    end: { readonly state: 'succeeded' | 'failed'; readonly resultsUri?: string; readonly reason?: string },
    transaction: Transaction,
  ): Promise<void> {
    await clientOf(transaction).query(
      `UPDATE serving.batches SET state = $2, results_uri = $3, reason = $4, ended_at = clock_timestamp() WHERE id = $1`,
      [id, end.state, end.resultsUri ?? '', end.reason ?? ''],
    );
  }

  /** Files that a batch has taken. */
  async taken(id: string): Promise<readonly StoredFile[]> {
    const { rows } = await this.#pool.query<StoredFile>(
      'SELECT uri, generation, bytes FROM serving.stored_files WHERE batch = $1 ORDER BY uri',
      [id],
    );
    return rows;
  }

  /** Batches that ended so many milliseconds ago or more, the oldest. */
  async endedBefore(keptMs: number): Promise<readonly Pick<Batch, 'id' | 'run'>[]> {
    const { rows } = await this.#pool.query<Pick<Batch, 'id' | 'run'>>(
      `SELECT id, run FROM serving.batches WHERE ended_at < clock_timestamp() - $1 * interval '1 millisecond' ORDER BY ended_at LIMIT 100`,
      [keptMs],
    );
    return rows;
  }

  /** Forgets files of the model's that no batch took for so long, and none is about to. Whoever has them forgotten removes them. */
  async giveUp(model: string, keptMs: number): Promise<readonly StoredFile[]> {
    const { rows } = await this.#pool.query<StoredFile>(
      `DELETE FROM serving.stored_files WHERE model = $1 AND batch IS NULL AND seen_at < clock_timestamp() - $2 * interval '1 millisecond'
         AND NOT EXISTS (SELECT FROM serving.batches b WHERE ${aboutToTake})
       RETURNING uri, generation, bytes`,
      [model, keptMs],
    );
    return rows;
  }

  /** Forgets a batch whose files are gone. */
  async forget(id: string, transaction: Transaction): Promise<void> {
    await clientOf(transaction).query('DELETE FROM serving.batches WHERE id = $1', [id]);
  }

  #of(transaction: Transaction | undefined): Pick<Pool, 'query'> {
    return transaction === undefined ? this.#pool : clientOf(transaction);
  }
}
