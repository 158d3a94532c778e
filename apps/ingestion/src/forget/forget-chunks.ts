import type { Pool } from 'pg';
import { inTransaction } from '@adstocrat/postgres-client';
import type { Person } from '@adstocrat/service-kit';
import { decodeChunk, encodeChunks } from '../live/live-chunk.ts';
import { type ForgottenRows, taken } from './forgotten-rows.ts';

interface StoredChunk {
  readonly id: number;
  readonly model: string;
  readonly hour: number;
  readonly taken_at: Date;
  readonly body: Buffer;
}

/**
 * Takes a person's rows out of the chunks that wait for a shard. What is left of a chunk is a new one, under a new number: a shard that
 * is made of the old one meanwhile is not recorded, and made again.
 */
export async function forgetChunks(pool: Pool, person: Person, dryRun: boolean): Promise<ForgottenRows> {
  let found = 0;
  for (let after = 0; ;) {
    const { rows } = await pool.query<StoredChunk>(
      'SELECT id, model, hour, taken_at, body FROM ingestion.live_chunks WHERE id > $1 ORDER BY id LIMIT 1',
      [after],
    );
    const [chunk] = rows;
    if (chunk === undefined) return taken('labelled rows that wait for a shard', found, dryRun);
    after = chunk.id;
    const examples = await decodeChunk(chunk.body);
    const others = examples.filter(({ prediction }) => !person.has(prediction?.features ?? {}));
    found += examples.length - others.length;
    if (dryRun || others.length === examples.length) continue;
    const bodies = await Array.fromAsync(encodeChunks(others));
    await inTransaction(pool, async (client) => {
      const { rowCount } = await client.query('DELETE FROM ingestion.live_chunks WHERE id = $1', [chunk.id]);
      // It is in a shard by now, which is looked at next.
      if (rowCount !== 1) return;
      for (const { rows: count, body } of bodies)
        await client.query(
          'INSERT INTO ingestion.live_chunks (model, hour, rows, taken_at, body) VALUES ($1, $2, $3, $4, $5)',
          [chunk.model, chunk.hour, count, chunk.taken_at, body],
        );
    });
  }
}
