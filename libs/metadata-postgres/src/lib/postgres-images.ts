import type { Pool } from 'pg';
import { type ImagePlace, type ImageRegistry, type PackedImage, PackGone, type PackUse } from '@adstocrat/metadata';
import { inTransaction } from '@adstocrat/postgres-client';
import { ForgottenImages } from './forgotten-images.ts';

/** Images of a page of the listing. */
const pageRows = 4096;
/** Digests are bytes in the table, hex outside. Rows of several are locked in their order: two that do so wait for each other, and never both. */
const columns = `encode(sha256, 'hex') AS sha256, pack, starts AS "offset", bytes`;

/** What was moved is in the old pack as well, until that is removed. */
const left = `,
       left_behind AS (
         INSERT INTO registry.image_remains (pack, sha256, forgotten) SELECT $5::uuid, sha256, forgotten FROM written ORDER BY sha256
         ON CONFLICT (pack, sha256) DO UPDATE SET forgotten = image_remains.forgotten OR excluded.forgotten)`;

/** {@link ImageRegistry} in PostgreSQL: tables `registry.images` and `registry.image_packs`. */
export class PostgresImages implements ImageRegistry {
  readonly #pool: Pool;
  readonly #forgotten: ForgottenImages;

  constructor(pool: Pool) {
    this.#pool = pool;
    this.#forgotten = new ForgottenImages(pool);
  }

  async find(digests: readonly string[]): Promise<ReadonlyMap<string, ImagePlace>> {
    const { rows } = await this.#pool.query<PackedImage & ImagePlace>(
      `SELECT ${columns} FROM registry.images WHERE sha256 = ANY (SELECT decode(hex, 'hex') FROM unnest($1::text[]) AS hex)`,
      [digests],
    );
    return new Map(rows.map(({ sha256, ...place }) => [sha256, place]));
  }

  async *list(beforeMs: number): AsyncGenerator<PackedImage & ImagePlace> {
    for (let after = ''; ;) {
      const { rows } = await this.#pool.query<PackedImage & ImagePlace & { readonly isOlder: boolean }>(
        `SELECT ${columns}, forgotten OR placed_at < to_timestamp($2 / 1000.0) AS "isOlder" FROM registry.images
         WHERE sha256 > decode($1, 'hex') ORDER BY registry.images.sha256 LIMIT $3`,
        [after, beforeMs, pageRows],
      );
      for (const { isOlder, ...image } of rows) if (isOlder) yield image;
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.sha256;
    }
  }

  async beginPack(bytes: number): Promise<string> {
    const { rows } = await this.#pool.query<{ pack: string }>(
      'INSERT INTO registry.image_packs (bytes) VALUES ($1) RETURNING pack',
      [bytes],
    );
    return rows[0]!.pack;
  }

  place(pack: string, images: readonly PackedImage[]): Promise<void> {
    return this.#inPack(
      pack,
      images,
      `INSERT INTO registry.images (sha256, pack, starts, bytes)
       SELECT given.sha256, there.pack, given.starts, given.bytes FROM given, there ORDER BY given.sha256
       ON CONFLICT (sha256) DO NOTHING RETURNING sha256, forgotten`,
    );
  }

  move(from: string, to: string, images: readonly PackedImage[]): Promise<void> {
    return this.#inPack(
      to,
      images,
      `UPDATE registry.images i SET pack = there.pack, starts = held.starts
       FROM there, (
         SELECT h.sha256, given.starts FROM registry.images h JOIN given USING (sha256)
         WHERE h.pack = $5 ORDER BY h.sha256 FOR UPDATE OF h) AS held
       WHERE i.sha256 = held.sha256 AND i.pack = $5 RETURNING i.sha256, i.forgotten`,
      { from },
    );
  }

  forget(digests: readonly string[]): Promise<void> {
    return this.#forgotten.forget(digests);
  }

  recall(digests: readonly string[]): Promise<void> {
    return this.#forgotten.recall(digests);
  }

  forgetFiles(digests: readonly string[]): Promise<void> {
    return this.#forgotten.forgetFiles(digests);
  }

  filesRemoved(digests: readonly string[]): Promise<void> {
    return this.#forgotten.filesRemoved(digests);
  }

  forgetAsYet(digests: readonly string[], leftFiles: readonly string[]): Promise<void> {
    return this.#forgotten.forgetAsYet(digests, leftFiles);
  }

  forgotten(): AsyncGenerator<string> {
    return this.#forgotten.list();
  }

  async remove(images: readonly { readonly sha256: string; readonly pack: string }[]): Promise<void> {
    await this.#pool.query(
      `WITH gone AS (
         DELETE FROM registry.images WHERE sha256 IN (
           SELECT i.sha256 FROM registry.images i JOIN unnest($1::text[], $2::uuid[]) AS given (hex, pack)
             ON i.sha256 = decode(given.hex, 'hex') AND i.pack = given.pack
           ORDER BY i.sha256 FOR UPDATE OF i)
         RETURNING pack, sha256, forgotten)
       INSERT INTO registry.image_remains (pack, sha256, forgotten) SELECT pack, sha256, forgotten FROM gone ORDER BY sha256
       ON CONFLICT (pack, sha256) DO UPDATE SET forgotten = image_remains.forgotten OR excluded.forgotten`,
      [images.map(({ sha256 }) => sha256), images.map(({ pack }) => pack)],
    );
  }

  async sparsePacks(belowBytes: number): Promise<readonly PackUse[]> {
    const { rows } = await this.#pool.query<PackUse>(
      `SELECT pack, p.bytes, used FROM registry.image_packs p
       JOIN (SELECT pack, sum(bytes)::bigint AS used FROM registry.images GROUP BY pack) i USING (pack)
       WHERE NOT gone AND (used < $1 OR used * 2 < p.bytes
         OR EXISTS (SELECT FROM registry.image_remains r WHERE r.pack = p.pack AND r.forgotten))
       ORDER BY begun_at, pack`,
      [belowBytes],
    );
    return rows;
  }

  async imagesIn(pack: string): Promise<readonly PackedImage[]> {
    const { rows } = await this.#pool.query<PackedImage & ImagePlace>(
      `SELECT ${columns} FROM registry.images WHERE pack = $1 ORDER BY starts`,
      [pack],
    );
    return rows.map(({ sha256, offset, bytes }) => ({ sha256, offset, bytes }));
  }

  condemnPacks(): Promise<readonly string[]> {
    const isEmpty = 'NOT EXISTS (SELECT FROM registry.images i WHERE i.pack = p.pack)';
    return inTransaction(this.#pool, async (client) => {
      const empty = await client.query<{ pack: string }>(
        `SELECT pack FROM registry.image_packs p WHERE ${isEmpty} ORDER BY pack FOR UPDATE`,
      );
      // Whoever placed images meanwhile held them: a statement that begins now sees those.
      const { rows } = await client.query<{ pack: string }>(
        `UPDATE registry.image_packs p SET gone = true WHERE pack = ANY ($1::uuid[]) AND ${isEmpty} RETURNING pack`,
        [empty.rows.map(({ pack }) => pack)],
      );
      return rows.map(({ pack }) => pack);
    });
  }

  async forgetPacks(packs: readonly string[], begunBeforeMs: number): Promise<void> {
    await this.#pool.query(
      `WITH gone AS (SELECT pack FROM registry.image_packs WHERE pack = ANY ($1::uuid[]) AND gone),
       emptied AS (DELETE FROM registry.image_remains r USING gone WHERE r.pack = gone.pack),
       -- A release that knew of no remains left them.
       orphans AS (
         DELETE FROM registry.image_remains r
         WHERE r.forgotten AND NOT EXISTS (SELECT FROM registry.image_packs p WHERE p.pack = r.pack))
       DELETE FROM registry.image_packs p USING gone WHERE p.pack = gone.pack AND begun_at < to_timestamp($2 / 1000.0)`,
      [packs, begunBeforeMs],
    );
  }

  /** Writes rows of a pack that is not gone, and holds it meanwhile. */
  async #inPack(
    pack: string,
    images: readonly PackedImage[],
    write: string,
    { from }: { readonly from?: string } = {},
  ): Promise<void> {
    const { rows } = await this.#pool.query<{ there: boolean }>(
      `WITH there AS MATERIALIZED (SELECT pack FROM registry.image_packs WHERE pack = $1 AND NOT gone FOR SHARE),
       given AS MATERIALIZED (
         SELECT decode(hex, 'hex') AS sha256, starts, bytes FROM unnest($2::text[], $3::bigint[], $4::int[]) AS g (hex, starts, bytes)),
       written AS (${write}),
       -- Its bytes are in the pack all the same.
       remains AS (
         INSERT INTO registry.image_remains (pack, sha256, forgotten)
         SELECT there.pack, given.sha256, coalesce(i.forgotten, false)
           OR EXISTS (SELECT FROM registry.image_remains r WHERE r.sha256 = given.sha256 AND r.forgotten)
         FROM there, given LEFT JOIN registry.images i ON i.sha256 = given.sha256
         WHERE given.sha256 NOT IN (SELECT sha256 FROM written) AND i.pack IS DISTINCT FROM there.pack ORDER BY given.sha256
         ON CONFLICT DO NOTHING)${from === undefined ? '' : left}
       SELECT EXISTS (SELECT FROM there) AS there`,
      [
        ...[pack, images.map(({ sha256 }) => sha256)],
        ...[images.map(({ offset }) => offset), images.map(({ bytes }) => bytes)],
        ...(from === undefined ? [] : [from]),
      ],
    );
    if (rows[0]?.there !== true) throw new PackGone(`pack ${pack} is gone`);
  }
}
