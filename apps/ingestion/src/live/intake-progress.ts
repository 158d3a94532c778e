import type { Pool } from 'pg';

/** Wall milliseconds between two records of how far is read. */
const recordMs = 500;

/** How far the labelled rows are read, over all processes that read them. Times are the bus's. */
export class IntakeProgress {
  readonly #pool: Pool;
  readonly #news = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#writing = this.#writing.then(() => this.record());
    }, recordMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
  }

  /** Every row of the partition that the bus took before this time is taken in. */
  readUntil(partition: number, readUntilMs: number): void {
    this.#news.set(partition, Math.max(readUntilMs, this.#news.get(partition) ?? -Infinity));
  }

  /** Writes what is new. What cannot be written now is written later: it is true then as well. */
  async record(): Promise<void> {
    const news = [...this.#news];
    this.#news.clear();
    if (news.length === 0) return;
    try {
      await this.#pool.query(
        `INSERT INTO ingestion.live_progress AS known (partition, read_until_ms) SELECT * FROM unnest($1::int[], $2::bigint[])
         ON CONFLICT (partition) DO UPDATE SET read_until_ms = greatest(known.read_until_ms, excluded.read_until_ms)`,
        [news.map(([partition]) => partition), news.map(([, ms]) => Math.floor(ms))],
      );
    } catch {
      for (const [partition, ms] of news) this.readUntil(partition, ms);
    }
  }

  /** Every row that the bus took before this time is taken in: the least over the partitions; −∞ where one was never read. */
  async readUntilMs(partitions: number): Promise<number> {
    const { rows } = await this.#pool.query<{ read: number; least: number | null }>(
      'SELECT count(*) AS read, min(read_until_ms) AS least FROM ingestion.live_progress WHERE partition < $1',
      [partitions],
    );
    const [found] = rows;
    return found === undefined || found.read < partitions ? -Infinity : (found.least ?? -Infinity);
  }
}
