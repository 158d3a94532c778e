import type { Pool } from 'pg';
import { inTransaction } from '@adstocrat/postgres-client';

/** PostgreSQL: a row that no partition takes. */
const noPartition = '23514';

/** One lock for all that makes and drops partitions. */
const lock = 'ingestion.live_keys';

/** The partitions of the keys of rows taken in, one an hour. */
export class KeyHours {
  readonly #pool: Pool;
  readonly #known = new Map<number, number>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Runs `work` with partitions for these hours; again, where another process has dropped one meanwhile. */
  async withHours<T>(hours: ReadonlySet<number>, appendedMs: number, work: () => Promise<T>): Promise<T> {
    await this.#ensure(hours, appendedMs);
    try {
      return await work();
    } catch (error) {
      if ((error as { readonly code?: string }).code !== noPartition) throw error;
      this.#known.clear();
      await this.#ensure(hours, appendedMs);
      return work();
    }
  }

  /** An hour's newest row is written down once a minute of the bus's time: it is kept for days. */
  async #ensure(hours: ReadonlySet<number>, appendedMs: number): Promise<void> {
    const due = [...hours].filter((hour) => appendedMs - (this.#known.get(hour) ?? -Infinity) > 60_000);
    if (due.length === 0) return;
    await inTransaction(
      this.#pool,
      async (client) => {
        for (const hour of due.toSorted((a, b) => a - b)) {
          await client.query(
            `CREATE TABLE IF NOT EXISTS ingestion.live_keys_${hour} PARTITION OF ingestion.live_keys FOR VALUES IN (${hour})`,
          );
          await client.query(
            `INSERT INTO ingestion.live_key_hours AS known (hour, appended_ms) VALUES ($1, $2)
             ON CONFLICT (hour) DO UPDATE SET appended_ms = greatest(known.appended_ms, excluded.appended_ms)`,
            [hour, Math.trunc(appendedMs)],
          );
        }
      },
      { lock },
    );
    for (const hour of due) this.#known.set(hour, appendedMs);
    // What this process remembers of the hours is bounded as the hours are.
    for (const hour of this.#known.keys()) if (this.#known.size > 1000) this.#known.delete(hour);
  }
}

/** Drops the keys of hours whose newest row came before `beforeMs`, by the bus's clock. Returns how many hours. */
export async function dropKeyHours(pool: Pool, beforeMs: number): Promise<number> {
  return inTransaction(
    pool,
    async (client) => {
      const { rows } = await client.query<{ hour: number }>(
        'DELETE FROM ingestion.live_key_hours WHERE appended_ms < $1 RETURNING hour',
        [Math.trunc(beforeMs)],
      );
      for (const { hour } of rows) await client.query(`DROP TABLE IF EXISTS ingestion.live_keys_${hour}`);
      return rows.length;
    },
    { lock },
  );
}
