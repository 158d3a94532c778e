import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { DamagedArtifact } from '@adstocrat/artifact-folders';
import { ArtifactNotFound, type ArtifactStore, joinUri } from '@adstocrat/artifact-store';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import type { ImagePlace } from '@adstocrat/metadata';
import { packUri } from './pack-uri.ts';
import { StoredImages } from './stored-images.ts';

const folder = mkdtempSync(join(tmpdir(), 'stored-images-'));
const artifactsUrl = pathToFileURL(folder).href;
const local = new LocalArtifactStore();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Images of so many bytes each, in one pack with so many bytes before each. Counts what is asked for. */
async function packed(pack: string, { count, bytes, before = 0 }: { count: number; bytes: number; before?: number }) {
  const places = new Map<string, ImagePlace>();
  const whole = Buffer.alloc(count * (bytes + before), pack);
  for (let index = 0; index < count; index += 1) {
    const offset = index * (bytes + before) + before;
    whole.writeUInt32LE(index, offset);
    places.set(shaOf(whole.subarray(offset, offset + bytes)), { pack, offset, bytes });
  }
  await local.create(packUri(artifactsUrl, pack), [whole]);
  const asked = { reads: 0, finds: 0 };
  const store = Object.assign(Object.create(local) as ArtifactStore, {
    read: (...of: Parameters<ArtifactStore['read']>) => {
      asked.reads += 1;
      return local.read(...of);
    },
  });
  const registry = {
    find: (digests: readonly string[]) => {
      asked.finds += 1;
      const found = digests.flatMap((one) => (places.has(one) ? [[one, places.get(one)!] as const] : []));
      return Promise.resolve(new Map(found));
    },
  };
  return { places, asked, images: new StoredImages({ registry, store, artifactsUrl }) };
}

describe('StoredImages', () => {
  it('has each image used once, whole, in few requests', async () => {
    const { places, asked, images } = await packed('a', { count: 5000, bytes: 1000, before: 24 });
    const used = new Map<string, string>();
    await images.forEach([...places.keys(), ...places.keys()], (sha256, bytes) => {
      expect(used.has(sha256)).toBe(false);
      used.set(sha256, shaOf(bytes));
    });
    expect([...used.keys()].sort()).toEqual([...places.keys()].sort());
    expect([...used].every(([asked, had]) => asked === had)).toBe(true);
    // Lots of 4096 and 904, which are 4,194,304 and 925,696 bytes of the pack, by stretches of at most 2 MiB.
    expect(asked).toEqual({ finds: 2, reads: 3 });
  });

  it('does not read what lies between images that are far from each other', async () => {
    const { places, asked, images } = await packed('b', { count: 3, bytes: 10, before: 100_000 });
    await images.forEach(places.keys(), () => undefined);
    expect(asked.reads).toBe(3);
  });

  it('finds an image that was moved since it was looked up, and says of one that is gone that it is not there', async () => {
    const { places, images } = await packed('c', { count: 1, bytes: 100 });
    const [[sha256, place]] = [...places] as [[string, ImagePlace]];
    const stale = {
      find: () => Promise.resolve(new Map([[sha256, { ...place, pack: looks++ === 0 ? 'gone' : 'c' }]])),
    };
    let looks = 0;
    const moved = new StoredImages({ registry: stale, store: local, artifactsUrl });
    expect(shaOf((await moved.find(sha256))!)).toBe(sha256);
    const gone = { find: () => Promise.resolve(new Map([[sha256, { ...place, pack: 'gone' }]])) };
    const lost = new StoredImages({ registry: gone, store: local, artifactsUrl });
    await expect(lost.forEach([sha256], () => undefined)).rejects.toThrow(ArtifactNotFound);
    expect(await lost.find(sha256)).toBeUndefined();
    expect(await images.find('0'.repeat(64))).toBeUndefined();
  });

  it('refuses what is not what it was', async () => {
    const { places } = await packed('d', { count: 2, bytes: 50 });
    const [[sha256], [, other]] = [...places] as [[string, ImagePlace], [string, ImagePlace]];
    const registry = { find: () => Promise.resolve(new Map([[sha256, other]])) };
    const images = new StoredImages({ registry, store: local, artifactsUrl });
    await expect(images.find(sha256)).rejects.toThrow(DamagedArtifact);
  });

  it('reads images of before packs, each an object of its own', async () => {
    const bytes = Buffer.from('an image');
    await local.create(joinUri(artifactsUrl, 'images', shaOf(bytes)), [bytes]);
    const { images } = await packed('e', { count: 1, bytes: 8 });
    expect(Buffer.from((await images.find(shaOf(bytes)))!)).toEqual(bytes);
  });

  it('finds one of before packs that was put into a pack since it was looked up', async () => {
    const { places } = await packed('f', { count: 1, bytes: 100 });
    const [sha256 = ''] = places.keys();
    let looks = 0;
    const registry = { find: () => Promise.resolve(looks++ === 0 ? new Map<string, ImagePlace>() : places) };
    const images = new StoredImages({ registry, store: local, artifactsUrl });
    expect(shaOf((await images.find(sha256))!)).toBe(sha256);
  });
});
