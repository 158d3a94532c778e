import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArtifactForbidden, ArtifactNotFound, joinUri } from '@adstocrat/artifact-store';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { packUri, StoredImages } from '@adstocrat/stored-images';
import { type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';
import { ImagePacker } from './image-packer.ts';
import { tidyPacks } from './tidy-packs.ts';
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

  it('keeps images anew whose pack is not there, as after a registry was restored that is older than the packs', async () => {
    const lost = imagesOf(3, 1000);
    await keep(lost);
    const [place] = (await parts.registry.find([lost[0]!.sha256])).values();
    await parts.store.remove(packUri(parts.artifactsUrl, place!.pack));
    expect(await new StoredImages(parts).find(lost[0]!.sha256)).toBeUndefined();
    await keep(lost);
    for (const { sha256, bytes } of lost) {
      const found = await new StoredImages(parts).find(sha256);
      expect(Buffer.from(found ?? []).equals(bytes)).toBe(true);
    }
  });

  it('writes a pack anew that is removed while it is written, and leaves nothing of it', async () => {
    const before = new Set((await packs()).map(String));
    let removals = 0;
    const store = Object.assign(Object.create(parts.store) as typeof parts.store, {
      create: async (uri: string, bytes: Iterable<Uint8Array>) => {
        const info = await parts.store.create(uri, bytes);
        if (removals > 0) return info;
        removals += 1;
        // As a sweep of another process takes it for one that was left behind.
        expect(await parts.registry.condemnPacks()).toContain(uri.split('/').at(-1));
        await parts.store.remove(uri);
        throw new ArtifactNotFound(uri);
      },
    });
    const [one] = imagesOf(1, 12_345) as [ImageContent];
    const packer = new ImagePacker({ ...parts, store }, ingestion.imageMarks, false);
    await packer.keep(one);
    await packer.end();
    expect(removals).toBe(1);
    expect((await packs()).filter((bytes) => !before.has(String(bytes)))).toEqual([12_345]);
    expect(Buffer.from((await new StoredImages(parts).find(one.sha256))!).equals(one.bytes)).toBe(true);
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

describe('tidyPacks', () => {
  it('goes on past packs that may not be removed, and names one of them', async () => {
    const signal = new AbortController().signal;
    await tidyPacks(parts, signal);
    const groups = Array.from({ length: 3 }, () => imagesOf(1, 5 << 20));
    for (const images of groups) await keep(images);
    const placed = await parts.registry.find(groups.flat().map(({ sha256 }) => sha256));
    const [locked, ...free] = groups.map(([image]) => placed.get(image!.sha256)!.pack);
    await parts.registry.remove([...placed].map(([sha256, { pack }]) => ({ sha256, pack })));
    const store = Object.assign(Object.create(parts.store) as typeof parts.store, {
      remove: (uri: string) => {
        if (uri.endsWith(locked!)) return Promise.reject(new ArtifactForbidden(uri));
        return parts.store.remove(uri);
      },
    });
    await expect(tidyPacks({ ...parts, store }, signal)).rejects.toThrow(
      `${packUri(parts.artifactsUrl, locked!)} be removed: permission to delete is needed`,
    );
    for (const pack of free)
      await expect(parts.store.stat(packUri(parts.artifactsUrl, pack))).rejects.toThrow(ArtifactNotFound);
    expect((await parts.store.stat(packUri(parts.artifactsUrl, locked!))).bytes).toBe(5 << 20);
  });
});
