import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';

/** A watcher that was not seen for so long is gone, wall milliseconds. */
const goneMs = 10_000;
const seenEveryMs = 2000;

/** Who waits for which job, over all processes: what nobody waits for any more is cancelled. */
export class Watchers {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Runs `watch` as a watcher of the job. Returns whether another one is left when it is done. */
  async while(job: string, watch: () => Promise<void>): Promise<boolean> {
    const watcher = randomUUID();
    await this.#seen(watcher, job);
    const timer = setInterval(() => {
      this.#seen(watcher, job).catch(() => undefined);
    }, seenEveryMs);
    try {
      await watch();
    } finally {
      clearInterval(timer);
    }
    const { rows } = await this.#pool.query<{ others: boolean }>(
      `WITH mine AS (DELETE FROM ingestion.watchers WHERE watcher = $1)
       SELECT EXISTS (SELECT FROM ingestion.watchers WHERE job = $2 AND watcher <> $1
         AND seen_at > clock_timestamp() - $3 * interval '1 millisecond') AS others`,
      [watcher, job, goneMs],
    );
    return rows[0]?.others ?? false;
  }

  async #seen(watcher: string, job: string): Promise<void> {
    await this.#pool.query(
      `INSERT INTO ingestion.watchers (watcher, job) VALUES ($1, $2)
       ON CONFLICT (watcher) DO UPDATE SET seen_at = clock_timestamp()`,
      [watcher, job],
    );
  }
}
