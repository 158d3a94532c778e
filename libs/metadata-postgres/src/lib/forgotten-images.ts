import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '@adstocrat/postgres-client';

/** Images of a page, and of a lot that is said at once. */
const pageRows = 4096;
const given = `(SELECT decode(hex, 'hex') FROM unnest($1::text[]) AS hex)`;
/** Where it is said that an image is to be forgotten. */
const known = ['images k WHERE forgotten', 'image_remains k WHERE forgotten', 'forgotten_files k WHERE true'];

type Queries = Pick<PoolClient, 'query'>;

/** Which images are to be forgotten: by their rows, by their remains in packs, and by files beside packs that stay for now. */
export class ForgottenImages {
  readonly #pool: Pool;
  readonly #pageRows: number;

  constructor(pool: Pool, { pageRows: rows = pageRows } = {}) {
    this.#pool = pool;
    this.#pageRows = rows;
  }

  forget(digests: readonly string[]): Promise<void> {
    return this.#inLots(digests, (lot) => this.#held((client) => say(client, lot, true)));
  }

  recall(digests: readonly string[]): Promise<void> {
    return this.#inLots(digests, (lot) =>
      this.#held(async (client) => {
        await say(client, lot, false);
        await dropFiles(client, lot);
      }),
    );
  }

  forgetFiles(digests: readonly string[]): Promise<void> {
    return this.#inLots(digests, (lot) => addFiles(this.#pool, lot));
  }

  filesRemoved(digests: readonly string[]): Promise<void> {
    return this.#inLots(digests, (lot) => dropFiles(this.#pool, lot));
  }

  forgetAsYet(digests: readonly string[], leftFiles: readonly string[]): Promise<void> {
    const left = new Set(leftFiles);
    return this.#inLots(digests, (lot) =>
      this.#held(async (client) => {
        const { rows } = await client.query<{ hex: string }>(
          `SELECT encode(sha256, 'hex') AS hex FROM ${given} AS g (sha256)
           WHERE ${known.map((table) => `EXISTS (SELECT FROM registry.${table} AND k.sha256 = g.sha256)`).join(' OR ')}`,
          [lot],
        );
        const still = rows.map(({ hex }) => hex);
        await say(client, still, true);
        await addFiles(
          client,
          still.filter((sha256) => left.has(sha256)),
        );
        await dropFiles(
          client,
          still.filter((sha256) => !left.has(sha256)),
        );
      }),
    );
  }

  /** Each digest once, ascending, a page at a time. */
  async *list(): AsyncGenerator<string> {
    const after = (table: string): string =>
      `(SELECT DISTINCT sha256 FROM registry.${table} AND sha256 > decode($1, 'hex') ORDER BY sha256 LIMIT $2)`;
    const page = `SELECT encode(sha256, 'hex') AS hex FROM (${known.map(after).join(' UNION ')}) AS kept ORDER BY sha256 LIMIT $2`;
    for (let last = ''; ;) {
      const { rows } = await this.#pool.query<{ hex: string }>(page, [last, this.#pageRows]);
      for (const { hex } of rows) yield hex;
      if (rows.length < this.#pageRows) return;
      last = rows.at(-1)?.hex ?? '';
    }
  }

  async #inLots(digests: readonly string[], work: (lot: readonly string[]) => Promise<unknown>): Promise<void> {
    for (let at = 0; at < digests.length; at += pageRows) await work(digests.slice(at, at + pageRows));
  }

  /** Work beside which nothing places, moves or removes images, or says who is forgotten. */
  #held(work: (client: Queries) => Promise<void>): Promise<void> {
    return inTransaction(this.#pool, async (client) => {
      // Whatever places, moves or removes images writes remains: it has ended now, and what begins later sees who is forgotten.
      await client.query('LOCK TABLE registry.image_remains IN SHARE ROW EXCLUSIVE MODE');
      await work(client);
    });
  }
}

async function say(client: Queries, digests: readonly string[], isForgotten: boolean): Promise<void> {
  await client.query(
    `UPDATE registry.images SET forgotten = $2 WHERE sha256 IN (
       SELECT sha256 FROM registry.images WHERE sha256 IN ${given} AND forgotten <> $2 ORDER BY sha256 FOR UPDATE)`,
    [digests, isForgotten],
  );
  await client.query(`UPDATE registry.image_remains SET forgotten = $2 WHERE sha256 IN ${given} AND forgotten <> $2`, [
    digests,
    isForgotten,
  ]);
}

async function addFiles(client: Queries, digests: readonly string[]): Promise<void> {
  await client.query(
    `INSERT INTO registry.forgotten_files SELECT sha256 FROM ${given} AS g (sha256) ORDER BY 1 ON CONFLICT DO NOTHING`,
    [digests],
  );
}

async function dropFiles(client: Queries, digests: readonly string[]): Promise<void> {
  await client.query(`DELETE FROM registry.forgotten_files WHERE sha256 IN ${given}`, [digests]);
}
