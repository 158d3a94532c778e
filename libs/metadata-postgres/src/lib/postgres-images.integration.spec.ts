import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PackedImage } from '@adstocrat/metadata';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { ForgottenImages } from './forgotten-images.ts';
import { PostgresImages } from './postgres-images.ts';
import { PostgresMetadata } from './postgres-metadata.ts';

let database: TestDatabase;
let metadata: PostgresMetadata;
let pool: Pool;
let images: PostgresImages;

beforeEach(async () => {
  database = await testDatabase();
  metadata = PostgresMetadata.open(database.url);
  await metadata.migrate();
  pool = openPool(database.url);
  images = new PostgresImages(pool);
});
afterEach(async () => {
  await closePool(pool);
  await metadata.close();
  await database.drop();
});

const some = (count: number, name: string): readonly PackedImage[] =>
  Array.from({ length: count }, (_, index) => ({
    sha256: createHash('sha256').update(`${name} ${index}`).digest('hex'),
    offset: 10 * index,
    bytes: 10,
  }));
const digestsOf = (packed: readonly PackedImage[]): string[] => packed.map(({ sha256 }) => sha256).toSorted();

const forgotten = (): Promise<string[]> => Array.fromAsync(images.forgotten());

async function packOf(packed: readonly PackedImage[]): Promise<string> {
  const pack = await images.beginPack(10 * packed.length);
  await images.place(pack, packed);
  return pack;
}

/** Packs whose object still holds bytes of an image that is to be forgotten. */
async function holding(): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ pack: string }>(
    'SELECT pack FROM registry.images WHERE forgotten UNION SELECT pack FROM registry.image_remains WHERE forgotten',
  );
  return new Set(rows.map(({ pack }) => pack));
}

describe('images that are forgotten while others are at them', () => {
  it('are so where they are moved, in both packs', async () => {
    for (let round = 0; round < 8; round += 1) {
      const packed = some(1000, `moved ${round}`);
      const from = await packOf(packed);
      const to = await images.beginPack(10 * packed.length);
      await Promise.all([images.move(from, to, packed), images.forget(digestsOf(packed))]);
      const known = new Set(await forgotten());
      expect(digestsOf(packed).filter((digest) => !known.has(digest))).toEqual([]);
      expect(await holding()).toEqual(new Set([from, to]));
      await images.remove(packed.map(({ sha256 }) => ({ sha256, pack: to })));
      await images.forgetPacks(await images.condemnPacks(), Date.now() + 1000);
      expect(await forgotten()).toEqual([]);
    }
  });

  it('are so in a second copy that is placed meanwhile', async () => {
    for (let round = 0; round < 8; round += 1) {
      const packed = some(3000, `twice ${round}`);
      const first = await packOf(packed);
      const second = await images.beginPack(10 * packed.length);
      await Promise.all([images.place(second, packed), images.forget(digestsOf(packed))]);
      const held = await holding();
      expect([held.has(first), held.has(second)]).toEqual([true, true]);
    }
  });

  it('and packs that are removed meanwhile wait for each other, and never both', async () => {
    for (let round = 0; round < 4; round += 1) {
      const packed = some(3000, `packs ${round}`);
      const packs: string[] = [];
      for (let copy = 0; copy < 8; copy += 1) packs.push(await packOf(packed));
      await images.remove(packed.map(({ sha256 }) => ({ sha256, pack: packs[0] ?? '' })));
      const condemned = await images.condemnPacks();
      await Promise.all([images.forget(digestsOf(packed)), images.forgetPacks(condemned, Date.now() + 1000)]);
      expect(await forgotten()).toEqual([]);
    }
  });

  it('are not looked for in a pack that a release without remains took away', async () => {
    const packed = some(2, 'orphan');
    const pack = await packOf(packed);
    await images.forget(digestsOf(packed));
    await images.remove(packed.map(({ sha256 }) => ({ sha256, pack })));
    await pool.query('DELETE FROM registry.image_packs WHERE pack = $1', [pack]);
    expect(await forgotten()).toEqual(digestsOf(packed));
    await images.forgetPacks([], Date.now());
    expect(await forgotten()).toEqual([]);
  });
});

describe('images that are to be forgotten', () => {
  it('are told a page at a time, ascending and each once, however many packs hold one', async () => {
    const packed = some(7, 'paged');
    const [first] = packed.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
    // More copies of the first than a page has rows, beside one that lies nowhere but in a file.
    await packOf(packed);
    for (let copy = 0; copy < 5; copy += 1) await packOf([first!]);
    await images.forget(digestsOf(packed));
    const file = 'f'.repeat(64);
    await images.forgetFiles([file]);
    const pages = new ForgottenImages(pool, { pageRows: 2 });
    expect(await Array.fromAsync(pages.list())).toEqual([...digestsOf(packed), file]);
    await images.filesRemoved([file]);
    expect(await forgotten()).toEqual(digestsOf(packed));
  });

  it('are so no more once they are recalled, in rows, remains and files', async () => {
    const packed = some(3, 'recalled');
    const [again = '', ...others] = digestsOf(packed);
    await packOf(packed);
    await packOf(packed);
    await images.forget(digestsOf(packed));
    await images.forgetFiles([again]);
    await images.recall([again]);
    expect(await forgotten()).toEqual(others);
    await images.recall(others);
    expect(await forgotten()).toEqual([]);
    expect((await holding()).size).toBe(0);
  });

  it('are still so where their bytes lie by now, but for those that were recalled', async () => {
    const packed = some(4, 'still');
    const [file = '', remains = '', recalled = '', never = ''] = digestsOf(packed);
    const gone = 'f'.repeat(64);
    await images.forgetFiles([file, recalled, gone]);
    await packOf(packed);
    const place = await images.find([remains]);
    await images.forget([remains]);
    await images.remove([{ sha256: remains, pack: place.get(remains)!.pack }]);
    await packOf(packed.filter(({ sha256 }) => sha256 === remains));
    await images.recall([recalled]);
    await images.forgetAsYet([...digestsOf(packed), gone], [recalled, never]);
    // The first was known by its file alone: its row and its remains are by now.
    expect(await forgotten()).toEqual([file, remains]);
    await images.recall([file, remains]);
    await images.forgetFiles([file]);
    await images.forgetAsYet([file], [file]);
    expect(await forgotten()).toEqual([file]);
    await images.recall([file]);
    expect(await forgotten()).toEqual([]);
  });
});
