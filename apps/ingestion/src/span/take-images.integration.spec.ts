import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import sharp from 'sharp';
import { openArtifactStore, openMetadata } from '@adstocrat/adapters';
import { type ArtifactStore, joinUri } from '@adstocrat/artifact-store';
import { GcsArtifactStore } from '@adstocrat/artifact-store-gcs';
import { type RunningFakeGcs, startFakeGcs } from '@adstocrat/fake-gcs';
import type { Metadata } from '@adstocrat/metadata';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { takeImages } from './take-images.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-images-'));
const artifactsUrl = pathToFileURL(join(folder, 'artifacts')).href;
const outside = 'image path is not one below the folder of images';
let sink: ArtifactStore;
let png: Buffer;
let secret: Buffer;
let gcs: RunningFakeGcs;
let database: TestDatabase;
let metadata: Metadata;

beforeAll(async () => {
  sink = await openArtifactStore(artifactsUrl);
  database = await testDatabase();
  metadata = await openMetadata(database.url);
  await metadata.migrate();
  const one = (red: number): Promise<Buffer> =>
    sharp({ create: { width: 1, height: 1, channels: 3, background: { r: red, g: 0, b: 0 } } })
      .png()
      .toBuffer();
  [png, secret] = [await one(1), await one(200)];
  gcs = await startFakeGcs();
  await gcs.makeBucket('shop');
});
afterAll(async () => {
  await gcs.stop();
  await metadata.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function taken(source: ArtifactStore, baseUri: string, values: readonly string[]) {
  const marks = { any: () => Promise.resolve(false), hold: () => Promise.reject(new Error('there is no mark')) };
  const registry = metadata.images;
  const options = { source, registry, sink, marks, artifactsUrl, baseUri, values, onProgress: () => undefined };
  const { digests, rejects } = await takeImages(options);
  const kept = await Array.fromAsync(registry.list(Infinity));
  return {
    values: [...digests.keys()],
    reasons: new Set(rejects.map(({ reason }) => reason)),
    kept: kept.length,
    rejects,
  };
}

const hostile = [
  '../secret.png',
  '../../secret.png',
  'deep/../../secret.png',
  '../nothing-of-that-name.png',
  '/etc/hostname',
  '%2e%2e/secret.png',
  '..%2fsecret.png',
  '..\\secret.png',
  'a\u0000.png',
  '',
  'x'.repeat(5000),
];

describe('image values of strangers', () => {
  it('never lead out of a local folder, nor say what lies there', async () => {
    mkdirSync(join(folder, 'img', 'deep'), { recursive: true });
    writeFileSync(join(folder, 'img', 'deep', 'a b%.png'), png);
    writeFileSync(join(folder, 'secret.png'), secret);
    symlinkSync('../secret.png', join(folder, 'img', 'link.png'));
    symlinkSync('../nothing.png', join(folder, 'img', 'dangling.png'));
    symlinkSync('..', join(folder, 'img', 'up'));
    const base = pathToFileURL(join(folder, 'img/')).href;
    const links = ['link.png', 'dangling.png', 'up/secret.png', 'up/nothing.png'];
    const good = ['deep/a b%.png', './deep/../deep/a b%.png'];
    const result = await taken(await openArtifactStore(base), base, [...hostile, ...links, ...good]);
    expect(result.values).toEqual(good.toSorted());
    expect([...result.reasons]).toEqual([outside]);
    expect(result.rejects).toHaveLength(hostile.length + links.length);
    expect(result.kept).toBe(1);
  });

  it('never lead out of a prefix of a bucket', async () => {
    const storage = new GcsArtifactStore(new Storage({ apiEndpoint: gcs.url, projectId: 'emulator' }));
    await storage.create('gs://shop/img/deep/a b%.png', [png]);
    await storage.create('gs://shop/secret.png', [secret]);
    const result = await taken(storage, 'gs://shop/img/', [...hostile, 'deep/a b%.png', 'none.png']);
    expect(result.values).toEqual(['deep/a b%.png']);
    expect([...result.reasons].sort()).toEqual(['image missing', outside]);
    expect(result.kept).toBe(1);
  });

  it('read no more than an image may have, and wait for no pipe', async () => {
    const huge = openSync(join(folder, 'img', 'huge.png'), 'w');
    ftruncateSync(huge, 3 * 2 ** 30);
    closeSync(huge);
    execFileSync('mkfifo', [join(folder, 'img', 'pipe.png')]);
    const base = pathToFileURL(join(folder, 'img/')).href;
    const before = process.memoryUsage().rss;
    const { rejects } = await taken(await openArtifactStore(base), base, ['huge.png', 'pipe.png']);
    expect(rejects).toEqual([
      { file: joinUri(base, 'huge.png'), line: 0, reason: 'image has more than 67108864 bytes' },
      { file: joinUri(base, 'pipe.png'), line: 0, reason: 'image missing' },
    ]);
    // 64 MiB are read, and garbage of as much may lie beside them: not 3 GiB.
    expect(process.memoryUsage().rss - before).toBeLessThan(400 << 20);
  });

  it('are many in the memory of a few', async () => {
    mkdirSync(join(folder, 'many'));
    const [count, width, height] = [150, 2000, 1500];
    for (let index = 0; index < count; index += 1)
      await sharp({ create: { width, height, channels: 3, background: { r: index, g: 0, b: 0 } } })
        .jpeg()
        .toFile(join(folder, 'many', `${index}.jpg`));
    const base = pathToFileURL(join(folder, 'many/')).href;
    const before = process.memoryUsage().rss;
    const values = Array.from({ length: count }, (_, index) => `${index}.jpg`);
    expect((await taken(await openArtifactStore(base), base, values)).values).toHaveLength(count);
    // Their pixels are 1.35 GB in all; two are decoded at once.
    expect(process.memoryUsage().rss - before).toBeLessThan((count * width * height * 3) / 2);
  });
});
