import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinUri } from '@adstocrat/artifact-store';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { StoredImages } from '@adstocrat/stored-images';
import { type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';
import { ImagePacker } from './image-packer.ts';
import type { ImageContent, PackParts } from './write-pack.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-packer-'));
let database: TestDatabase;
let ingestion: IngestionParts;
let parts: PackParts;
beforeAll(async () => {
  database = await testDatabase();
  ingestion = await ingestionParts(database.url, folder);
  const { metadata, store, artifactsUrl } = ingestion;
  parts = { registry: metadata.images, store, artifactsUrl };
});
afterAll(async () => {
  await ingestion.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const imagesOf = (count: number, bytes: number): readonly ImageContent[] =>
  Array.from({ length: count }, () => randomBytes(bytes)).map((content) => ({
    sha256: createHash('sha256').update(content).digest('hex'),
    bytes: content,
  }));

/** As several workers keep them. */
async function keep(images: readonly ImageContent[]): Promise<void> {
  const packer = new ImagePacker(parts, ingestion.imageMarks, await ingestion.imageMarks.any());
  const left = images.values();
  const worker = async (): Promise<void> => {
    for (const image of left) await packer.keep(image);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  await packer.end();
}

const packs = async () =>
  (await Array.fromAsync(parts.store.list(joinUri(parts.artifactsUrl, 'images', 'packs', '/')))).map(
    ({ bytes }) => bytes,
  );

describe('ImagePacker', () => {
  // 22,400,000 bytes: two packs of 8 MiB and a little more, and the rest.
  const images = imagesOf(320, 70_000);

  it('keeps images in few objects, each content once', async () => {
    await keep([...images, ...images]);
    const sizes = await packs();
    expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBe(320 * 70_000);
    // One more image for each of the 16 that wait while a pack is written.
    expect(sizes.length).toBeLessThanOrEqual(3);
    const read = new Set<string>();
    await new StoredImages(parts).forEach(
      images.map(({ sha256 }) => sha256),
      (sha256) => void read.add(sha256),
    );
    expect(read.size).toBe(320);
  });

  it('writes no pack for the few among many that are not there yet, but for the last', async () => {
    const before = (await packs()).length;
    const fresh = imagesOf(8, 70_000);
    await keep(images.flatMap((image, index) => (index % 40 === 0 ? [image, fresh[index / 40]!] : [image])));
    expect((await packs()).length).toBe(before + 1);
    expect((await parts.registry.find(fresh.map(({ sha256 }) => sha256))).size).toBe(8);
  });

  it('keeps an image that is larger than a pack', async () => {
    const [large] = imagesOf(1, 20 << 20) as [ImageContent];
    await keep([large]);
    expect(large.bytes).toEqual(await new StoredImages(parts).find(large.sha256).then((found) => Buffer.from(found!)));
  });

  it('tells whoever keeps images that they cannot be written, and names none of them', async () => {
    const store = Object.assign(Object.create(parts.store) as typeof parts.store, {
      create: () => Promise.reject(new Error('the disk is full')),
    });
    const packer = new ImagePacker({ ...parts, store }, ingestion.imageMarks, false);
    const [one] = imagesOf(1, 9 << 20) as [ImageContent];
    await expect(packer.keep(one)).rejects.toThrow('the disk is full');
    expect((await parts.registry.find([one.sha256])).size).toBe(0);
  });
});
