import type { Pool } from 'pg';
import type { StoredImage } from './stored-image.ts';

/** What whoever takes images asks of the marks. */
export interface HoldsImages {
  /** Whether there is any mark. What is marked later waits for every attempt at a span that is in progress by then. */
  any(): Promise<boolean>;
  /**
   * Before an image is looked for: takes its mark back. One that is already going is helped on with `remove`, which removes the very
   * content that was listed: after that, what is there stays, and what is not is to be written.
   */
  hold(sha256: string, remove: (generation: string) => Promise<void>): Promise<void>;
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

  async hold(sha256: string, remove: (generation: string) => Promise<void>): Promise<void> {
    for (;;) {
      const { rows } = await this.#pool.query<{ generation: string; going: boolean }>(
        'SELECT generation, going FROM ingestion.image_marks WHERE sha256 = $1',
        [sha256],
      );
      const [mark] = rows;
      if (mark === undefined) return;
      if (mark.going) {
        await remove(mark.generation);
        await this.removed([{ sha256, generation: mark.generation }]);
      } else await this.named([sha256]);
    }
  }

  /** Takes back the marks of images that a span names, but of those that are going. */
  async named(digests: readonly string[]): Promise<void> {
    await this.#pool.query('DELETE FROM ingestion.image_marks WHERE sha256 = ANY ($1) AND NOT going', [digests]);
  }

  /** Marks images, where the sweep is marking in this very attempt: a process that stood still marks nothing any more. False where not. */
  async mark(sweep: number, attempt: number, images: readonly StoredImage[]): Promise<boolean> {
    const { rows } = await this.#pool.query<{ mine: boolean }>(
      // The lock has the sweep's next step wait for this statement.
      `WITH mine AS MATERIALIZED (
         SELECT FROM ingestion.image_sweeps WHERE sweep = $1 AND attempt = $2 AND state = 'marking' AND NOT void FOR SHARE),
       added AS (
         INSERT INTO ingestion.image_marks (sha256, generation, bytes, sweep)
         SELECT given.*, $1 FROM unnest($3::text[], $4::text[], $5::bigint[]) AS given, mine
         ON CONFLICT (sha256) DO NOTHING)
       SELECT EXISTS (SELECT FROM mine) AS mine`,
      [
        ...[sweep, attempt, images.map(({ sha256 }) => sha256)],
        ...[images.map(({ generation }) => generation), images.map(({ bytes }) => bytes)],
      ],
    );
    return rows[0]?.mine === true;
  }

  /** The next images that go, for good, where the sweep has come so far in this very attempt. Also those that a killed one said that of. */
  async condemn(sweep: number, attempt: number, limit: number): Promise<readonly StoredImage[]> {
    const { rows } = await this.#pool.query<StoredImage>(
      `UPDATE ingestion.image_marks SET going = true
       WHERE sha256 IN (SELECT sha256 FROM ingestion.image_marks WHERE sweep = $1 ORDER BY sha256 LIMIT $3)
         AND EXISTS (SELECT FROM ingestion.image_sweeps WHERE sweep = $1 AND attempt = $2 AND state = 'sweeping')
       RETURNING sha256, generation, bytes`,
      [sweep, attempt, limit],
    );
    return rows;
  }

  /** Forgets marks whose files are gone, and counts them for their sweep. */
  async removed(images: readonly Pick<StoredImage, 'sha256' | 'generation'>[]): Promise<void> {
    await this.#pool.query(
      `WITH gone AS (
         DELETE FROM ingestion.image_marks m USING unnest($1::text[], $2::text[]) AS g (sha256, generation)
         WHERE m.sha256 = g.sha256 AND m.generation = g.generation AND m.going RETURNING m.sweep, m.bytes),
       counted AS (SELECT sweep, count(*) AS images, sum(bytes) AS bytes FROM gone GROUP BY sweep)
       UPDATE ingestion.image_sweeps s SET images = s.images + c.images, bytes = s.bytes + c.bytes
       FROM counted c WHERE s.sweep = c.sweep`,
      [images.map(({ sha256 }) => sha256), images.map(({ generation }) => generation)],
    );
  }

  /** Says of images that were to go and could not be removed that they stay for now. */
  async spared(images: readonly Pick<StoredImage, 'sha256' | 'generation'>[]): Promise<void> {
    await this.#pool.query(
      `UPDATE ingestion.image_marks m SET going = false FROM unnest($1::text[], $2::text[]) AS g (sha256, generation)
       WHERE m.sha256 = g.sha256 AND m.generation = g.generation`,
      [images.map(({ sha256 }) => sha256), images.map(({ generation }) => generation)],
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
