import type { Pool } from 'pg';
import { TransientFailure } from '@adstocrat/event-bus';
import type { Transaction } from '@adstocrat/jobs';
import { clientOf } from '@adstocrat/jobs-postgres';
import type { events } from '@adstocrat/schemas';
import { decodeChunk } from './live-chunk.ts';

/** Labelled rows of one hour that wait for a shard. */
export interface WaitingRows {
  readonly model: string;
  readonly hour: number;
  readonly rows: number;
  readonly firstChunk: number;
  /** Wall milliseconds since the oldest came. */
  readonly ageMs: number;
}

/** A Parquet file of labelled rows of one hour, as its folder's `shard.json` has it. */
export interface Shard {
  readonly model: string;
  readonly hour: number;
  readonly shard: number;
  readonly uri: string;
  readonly digest: string;
  readonly rows: number;
}

export interface Chunk {
  readonly id: number;
  readonly rows: number;
}

/** Chunks in memory at once, compressed. */
const readChunks = 32;

/** Where the labelled rows of live traffic lie between the bus and a span: in chunks, then in shards. */
export class LiveRows {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async waiting(): Promise<readonly WaitingRows[]> {
    const { rows } = await this.#pool.query<WaitingRows>(
      `SELECT model, hour, sum(rows)::bigint AS rows, min(id) AS "firstChunk",
         extract(epoch FROM clock_timestamp() - min(taken_at))::float8 * 1000 AS "ageMs"
       FROM ingestion.live_chunks GROUP BY model, hour ORDER BY model, hour`,
    );
    return rows;
  }

  /** The number of the newest chunk so far; 0 where none waits. */
  async newestChunk(): Promise<number> {
    const { rows } = await this.#pool.query<{ id: number }>(
      'SELECT coalesce(max(id), 0) AS id FROM ingestion.live_chunks',
    );
    return rows[0]?.id ?? 0;
  }

  /** The oldest chunks of an hour, up to about so many rows. */
  async chunks(model: string, hour: number, rows: number): Promise<readonly Chunk[]> {
    const found = await this.#pool.query<Chunk>(
      `SELECT id, rows FROM (SELECT id, rows, sum(rows) OVER (ORDER BY id) - rows AS before FROM ingestion.live_chunks
         WHERE model = $1 AND hour = $2) AS one WHERE before < $3 ORDER BY id`,
      [model, hour, rows],
    );
    return found.rows;
  }

  /** The rows of chunks, a few chunks at a time. Throws a {@link TransientFailure} where one is no longer there. */
  async *read(chunks: readonly Chunk[]): AsyncGenerator<readonly events.ExampleLabelled[]> {
    for (let start = 0; start < chunks.length; start += readChunks) {
      const ids = chunks.slice(start, start + readChunks).map(({ id }) => id);
      const { rows } = await this.#pool.query<{ body: Buffer }>(
        'SELECT body FROM ingestion.live_chunks WHERE id = ANY ($1) ORDER BY id',
        [ids],
      );
      if (rows.length < ids.length) throw taken();
      for (const { body } of rows) yield await decodeChunk(body);
    }
  }

  /** Chunks become a shard, all of them or none. Throws a {@link TransientFailure} where another shard has one of them. */
  async toShard(chunks: readonly Chunk[], shard: Shard, transaction: Transaction): Promise<void> {
    const client = clientOf(transaction);
    const { rowCount } = await client.query('DELETE FROM ingestion.live_chunks WHERE id = ANY ($1)', [
      chunks.map(({ id }) => id),
    ]);
    if (rowCount !== chunks.length) throw taken();
    const { model, hour, shard: number, uri, digest, rows } = shard;
    await client.query(
      'INSERT INTO ingestion.live_shards (model, hour, shard, uri, digest, rows) VALUES ($1, $2, $3, $4, $5, $6)',
      [model, hour, number, uri, digest, rows],
    );
  }

  /** Shards of a model that are in no span, oldest first. */
  async unused(model: string): Promise<readonly Shard[]> {
    return this.#shards('model = $1 AND span IS NULL', [model]);
  }

  /** Shards of all models that are in no span, oldest first. */
  async allUnused(): Promise<readonly Shard[]> {
    return this.#shards('span IS NULL', []);
  }

  /** A number for the shard that is to stand in the place of another: no attempt has it, and no shard of the hour had it. */
  async forgottenNumber({ model, hour }: Shard): Promise<number> {
    const { rows } = await this.#pool.query<{ number: number }>(
      'SELECT -1 - max(abs(shard)) AS number FROM ingestion.live_shards WHERE model = $1 AND hour = $2',
      [model, hour],
    );
    return rows[0]?.number ?? -1;
  }

  /** Puts a shard in the place of another. Throws a {@link TransientFailure} where that is in a span by now. */
  async replace(old: Shard, by: Shard, transaction: Transaction): Promise<void> {
    const { rowCount } = await clientOf(transaction).query(
      `UPDATE ingestion.live_shards SET shard = $4, uri = $5, digest = $6, rows = $7
       WHERE (model, hour, shard) = ($1, $2, $3) AND span IS NULL`,
      [old.model, old.hour, old.shard, by.shard, by.uri, by.digest, by.rows],
    );
    if (rowCount !== 1) throw taken();
  }

  /** Shards become part of a span, all of them or none. Throws a {@link TransientFailure} where another span has one of them. */
  async toSpan(shards: readonly Shard[], span: number, transaction: Transaction): Promise<void> {
    const { rowCount } = await clientOf(transaction).query(
      `UPDATE ingestion.live_shards SET span = $1 FROM unnest($2::text[], $3::int[], $4::bigint[]) AS mine (model, hour, shard)
       WHERE (live_shards.model, live_shards.hour, live_shards.shard) = (mine.model, mine.hour, mine.shard) AND span IS NULL`,
      [span, shards.map(({ model }) => model), shards.map(({ hour }) => hour), shards.map(({ shard }) => shard)],
    );
    if (rowCount !== shards.length) throw taken();
  }

  /** Shards whose rows are in a span, or were given up. */
  async done(): Promise<readonly Shard[]> {
    return this.#shards('span IS NOT NULL', []);
  }

  /** Gives up what is older than an hour and in no span. Returns the rows that are lost by it. */
  async giveUpBefore(hour: number): Promise<number> {
    const { rows } = await this.#pool.query<{ rows: number }>(
      `WITH shards AS (UPDATE ingestion.live_shards SET span = 0 WHERE hour < $1 AND span IS NULL RETURNING rows),
         chunks AS (DELETE FROM ingestion.live_chunks WHERE hour < $1 RETURNING rows)
       SELECT (SELECT coalesce(sum(rows), 0) FROM shards)::bigint + (SELECT coalesce(sum(rows), 0) FROM chunks)::bigint AS rows`,
      [hour],
    );
    return rows[0]?.rows ?? 0;
  }

  /** Forgets a shard whose files are gone. */
  async forget({ model, hour, shard }: Shard): Promise<void> {
    await this.#pool.query('DELETE FROM ingestion.live_shards WHERE (model, hour, shard) = ($1, $2, $3)', [
      model,
      hour,
      shard,
    ]);
  }

  async #shards(where: string, values: readonly unknown[]): Promise<readonly Shard[]> {
    const { rows } = await this.#pool.query<Shard>(
      `SELECT model, hour, shard, uri, digest, rows FROM ingestion.live_shards WHERE ${where} ORDER BY model, hour, shard`,
      [...values],
    );
    return rows;
  }
}

function taken(): TransientFailure {
  return new TransientFailure('another attempt has these rows: look again');
}
