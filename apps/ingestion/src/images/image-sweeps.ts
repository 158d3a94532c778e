import type { Pool } from 'pg';
import type { Transaction } from '@adstocrat/jobs';
import { clientOf } from '@adstocrat/jobs-postgres';
import { inTransaction } from '@adstocrat/postgres-client';

/** An attempt at a span, which may have found an image before it was marked. */
export interface SpanAttempt {
  readonly kind: string;
  readonly key: string;
  readonly attempt: number;
}

/** Where a sweep stands. */
export interface ImageSweep {
  readonly sweep: number;
  readonly state: 'marking' | 'waiting' | 'sweeping' | 'ended';
  /** Folders of the spans whose images are not marked; null before they are listed. */
  readonly spans: readonly string[] | null;
  /** Who is waited for; null before they are listed. */
  readonly waitsFor: readonly SpanAttempt[] | null;
  /** A span that it does not know was removed: what is marked is looked at anew. */
  readonly void: boolean;
  /** Removed so far. */
  readonly images: number;
  readonly bytes: number;
}

const columns = `sweep, state, spans, waits_for AS "waitsFor", void, images, bytes`;

/**
 * The looks for images that no span names. Each step counts where the sweep still belongs to the job's attempt that takes it: a process
 * that stood still changes nothing any more.
 */
export class ImageSweeps {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The one that goes on, or a new one. */
  async open(transaction: Transaction): Promise<number> {
    for (;;) {
      const { rows } = await clientOf(transaction).query<{ sweep: number }>(
        `WITH made AS (
           INSERT INTO ingestion.image_sweeps DEFAULT VALUES ON CONFLICT ((true)) WHERE state <> 'ended' DO NOTHING RETURNING sweep)
         SELECT sweep FROM made UNION ALL SELECT sweep FROM ingestion.image_sweeps WHERE state <> 'ended'`,
      );
      // None: the one that went on was not committed when this statement began, or has ended since.
      if (rows[0] !== undefined) return rows[0].sweep;
    }
  }

  /** The one that goes on, which looks again at what it has looked at, or a new one. */
  async openAnew(transaction: Transaction): Promise<number> {
    for (;;) {
      const sweep = await this.open(transaction);
      const { rowCount } = await clientOf(transaction).query(
        `UPDATE ingestion.image_sweeps SET void = void OR state <> 'sweeping', more = more OR state = 'sweeping'
         WHERE sweep = $1 AND state <> 'ended'`,
        [sweep],
      );
      if (rowCount === 1) return sweep;
    }
  }

  async find(sweep: number): Promise<ImageSweep | undefined> {
    const found = `SELECT ${columns} FROM ingestion.image_sweeps WHERE sweep = $1`;
    return (await this.#pool.query<ImageSweep>(found, [sweep])).rows[0];
  }

  /** Gives the sweep to an attempt. Undefined where a later one has it, or it has ended. */
  async take(sweep: number, attempt: number): Promise<ImageSweep | undefined> {
    const { rows } = await this.#pool.query<ImageSweep>(
      `UPDATE ingestion.image_sweeps SET attempt = $2 WHERE sweep = $1 AND attempt <= $2 AND state <> 'ended' RETURNING ${columns}`,
      [sweep, attempt],
    );
    return rows[0];
  }

  /** Forgets what is marked, of a sweep that has not begun to remove. */
  async beginMarking(sweep: number, attempt: number): Promise<boolean> {
    return inTransaction(this.#pool, async (client) => {
      const { rowCount } = await client.query(
        `UPDATE ingestion.image_sweeps SET state = 'marking', spans = NULL, waits_for = NULL, void = false, more = false
         WHERE sweep = $1 AND attempt = $2 AND state IN ('marking', 'waiting')`,
        [sweep, attempt],
      );
      if (rowCount === 1)
        await client.query('DELETE FROM ingestion.image_marks WHERE sweep = $1 AND NOT going', [sweep]);
      return rowCount === 1;
    });
  }

  /** Says which spans the marking knows, before it looks at what they name. */
  knows(sweep: number, attempt: number, spans: readonly string[]): Promise<boolean> {
    return this.#step(`spans = $3 WHERE sweep = $1 AND attempt = $2 AND state = 'marking'`, [sweep, attempt, spans]);
  }

  /** Ends the marking; `more`: there are images that were not looked at. False where it is void. */
  marked(sweep: number, attempt: number, more: boolean): Promise<boolean> {
    const set = `state = 'waiting', more = $3 WHERE sweep = $1 AND attempt = $2 AND state = 'marking' AND NOT void`;
    return this.#step(set, [sweep, attempt, more]);
  }

  /** Says who is waited for: all that were in progress at a time after the marking's end. */
  waitsFor(sweep: number, attempt: number, attempts: readonly SpanAttempt[]): Promise<boolean> {
    const set = `waits_for = $3 WHERE sweep = $1 AND attempt = $2 AND state = 'waiting'`;
    return this.#step(set, [sweep, attempt, JSON.stringify(attempts)]);
  }

  /** What is still marked may go from now on. False where it is void. */
  beginSweeping(sweep: number, attempt: number): Promise<boolean> {
    const set = `state = 'sweeping' WHERE sweep = $1 AND attempt = $2 AND state = 'waiting' AND NOT void`;
    return this.#step(set, [sweep, attempt]);
  }

  /** Ends a sweep that has nothing marked any more, or has it go on with what was not looked at. */
  end(sweep: number, attempt: number): Promise<boolean> {
    return this.#step(
      `state = CASE WHEN more THEN 'marking' ELSE 'ended' END, spans = NULL, waits_for = NULL, more = false
       WHERE sweep = $1 AND attempt = $2 AND state = 'sweeping'
         AND NOT EXISTS (SELECT FROM ingestion.image_marks WHERE sweep = $1)`,
      [sweep, attempt],
    );
  }

  /**
   * A span is removed, in this transaction: a sweep that does not know it, and has not come to remove, begins anew. Else it might never
   * hear of images that only this span named, and that another span took over from it.
   */
  async spanRemoved(uri: string, transaction: Transaction): Promise<void> {
    await clientOf(transaction).query(
      `UPDATE ingestion.image_sweeps SET void = true
       WHERE state IN ('marking', 'waiting') AND (spans IS NULL OR NOT $1 = ANY (spans))`,
      [uri],
    );
  }

  async #step(set: string, values: readonly unknown[]): Promise<boolean> {
    return (await this.#pool.query(`UPDATE ingestion.image_sweeps SET ${set}`, [...values])).rowCount === 1;
  }
}
