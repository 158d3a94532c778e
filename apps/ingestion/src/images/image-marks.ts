import type { Pool } from 'pg';
import type { StoredImage } from './stored-image.ts';

/** An image and the pack that it lay in when it was marked. */
export type MarkedImage = Pick<StoredImage, 'sha256' | 'pack'>;

/** What whoever takes images asks of the marks. */
export interface HoldsImages {
  /** Whether there is any mark. What is marked later waits for every attempt at a span that is in progress by then. */
  any(): Promise<boolean>;
  /**
   * Before images are looked for: takes their marks back. Those that are already going are helped on with `remove`, which takes them from
   * the very packs in which they were listed: after that, what is there stays, and what is not is to be written.
   */
  hold(digests: readonly string[], remove: (going: readonly MarkedImage[]) => Promise<void>): Promise<void>;
}

/** Images that no span names, marked in ingestion's tables. */
export class ImageMarks implements HoldsImages {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async any(): Promise<boolean> {
    const { rows } = await this.#pool.query('SELECT FROM ingestion.image_marks LIMIT 1');
    return rows.length > 0;
  }

  async hold(digests: readonly string[], remove: (going: readonly MarkedImage[]) => Promise<void>): Promise<void> {
    for (;;) {
      await this.named(digests);
      const { rows: going } = await this.#pool.query<MarkedImage>(
        'SELECT sha256, pack FROM ingestion.image_marks WHERE sha256 = ANY ($1)',
        [digests],
      );
      if (going.length === 0) return;
      await remove(going);
      await this.removed(going);
    }
  }

  /** Takes back the marks of images that a span names, but of those that are going. */
  async named(digests: readonly string[]): Promise<void> {
    // Rows of several are locked in their order, here and below: two that do so wait for each other, and never both.
    await this.#pool.query(
      `DELETE FROM ingestion.image_marks WHERE NOT going AND sha256 IN (
         SELECT sha256 FROM ingestion.image_marks WHERE sha256 = ANY ($1) AND NOT going ORDER BY sha256 FOR UPDATE)`,
      [digests],
    );
  }

  /** Marks images, where the sweep is marking in this very attempt: a process that stood still marks nothing any more. False where not. */
  async mark(sweep: number, attempt: number, images: readonly StoredImage[]): Promise<boolean> {
    const { rows } = await this.#pool.query<{ mine: boolean }>(
      // The lock has the sweep's next step wait for this statement.
      `WITH mine AS MATERIALIZED (
         SELECT FROM ingestion.image_sweeps WHERE sweep = $1 AND attempt = $2 AND state = 'marking' AND NOT void FOR SHARE),
       added AS (
         INSERT INTO ingestion.image_marks (sha256, pack, bytes, sweep)
         SELECT given.*, $1 FROM unnest($3::text[], $4::uuid[], $5::bigint[]) AS given, mine
         ON CONFLICT (sha256) DO NOTHING)
       SELECT EXISTS (SELECT FROM mine) AS mine`,
      [
        ...[sweep, attempt, images.map(({ sha256 }) => sha256)],
        ...[images.map(({ pack }) => pack), images.map(({ bytes }) => bytes)],
      ],
    );
    return rows[0]?.mine === true;
  }

  /** The next images that go, for good, where the sweep has come so far in this very attempt. Also those that a killed one said that of. */
  async condemn(sweep: number, attempt: number, limit: number): Promise<readonly StoredImage[]> {
    const { rows } = await this.#pool.query<StoredImage>(
      `UPDATE ingestion.image_marks SET going = true
       WHERE sha256 IN (SELECT sha256 FROM ingestion.image_marks WHERE sweep = $1 ORDER BY sha256 LIMIT $3 FOR UPDATE)
         AND EXISTS (SELECT FROM ingestion.image_sweeps WHERE sweep = $1 AND attempt = $2 AND state = 'sweeping')
       RETURNING sha256, pack, bytes`,
      [sweep, attempt, limit],
    );
    return rows;
  }

  /** Forgets marks of images that are gone, and counts them for their sweep. */
  async removed(images: readonly MarkedImage[]): Promise<void> {
    await this.#pool.query(
      `WITH gone AS (
         DELETE FROM ingestion.image_marks WHERE sha256 IN (
           SELECT m.sha256 FROM ingestion.image_marks m JOIN unnest($1::text[], $2::uuid[]) AS g (sha256, pack) USING (sha256, pack)
           WHERE m.going ORDER BY m.sha256 FOR UPDATE OF m)
         RETURNING sweep, bytes),
       counted AS (SELECT sweep, count(*) AS images, sum(bytes) AS bytes FROM gone GROUP BY sweep)
       UPDATE ingestion.image_sweeps s SET images = s.images + c.images, bytes = s.bytes + c.bytes
       FROM counted c WHERE s.sweep = c.sweep`,
      [images.map(({ sha256 }) => sha256), images.map(({ pack }) => pack)],
    );
  }

  /** Images that are marked, and their bytes. */
  async count(): Promise<{ readonly images: number; readonly bytes: number }> {
    const { rows } = await this.#pool.query<{ images: number; bytes: number }>(
      'SELECT count(*) AS images, coalesce(sum(bytes), 0)::bigint AS bytes FROM ingestion.image_marks',
    );
    return rows[0] ?? { images: 0, bytes: 0 };
  }
}
