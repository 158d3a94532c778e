import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Storage } from '@google-cloud/storage';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { joinUri, readBytes } from '@adstocrat/artifact-store';
import { GcsArtifactStore } from '@adstocrat/artifact-store-gcs';
import { canonicalText } from '@adstocrat/examples';
import { type RunningFakeGcs, startFakeGcs } from '@adstocrat/fake-gcs';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { Person } from '@adstocrat/service-kit';
import { type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';
import { forget } from './forget.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-forget-gs-'));
const artifactsUrl = 'gs://kept/of us/100%';
let gcs: RunningFakeGcs;
let database: TestDatabase;
let parts: IngestionParts;

beforeAll(async () => {
  gcs = await startFakeGcs();
  await gcs.makeBucket('kept');
  database = await testDatabase();
  const store = new GcsArtifactStore(new Storage({ apiEndpoint: gcs.url, projectId: 'test' }));
  parts = await ingestionParts(database.url, folder, { artifactsUrl, wrap: () => store });
  parts.work();
});
afterAll(async () => {
  await parts.close();
  await gcs.stop();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const picture = (side: number): Promise<Buffer> =>
  sharp(randomBytes(side * side * 3), { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();

/** Whether the bytes stand in any object of the bucket. */
async function isStored(bytes: Buffer): Promise<boolean> {
  for await (const { uri } of parts.store.list(joinUri(artifactsUrl, '/')))
    if (Buffer.from(await readBytes(parts.store, uri)).includes(bytes)) return true;
  return false;
}

it('has a person’s rows and images gone from a bucket, and what others show left', async () => {
  const [mine, theirs] = [await picture(4), await picture(600)];
  mkdirSync(join(folder, 'data', 'img', 'ü 50%'), { recursive: true });
  writeFileSync(join(folder, 'data', 'img', 'ü 50%', 'mine.png'), mine);
  writeFileSync(join(folder, 'data', 'img', 'theirs.png'), theirs);
  const rows = Array.from({ length: 80 }, (_, row) => {
    const isMine = row % 8 === 7;
    return `${row % 3 === 0 ? 1 : 0},person-${row % 8},${isMine ? 'ü 50%/mine.png' : 'theirs.png'},${row}`;
  });
  writeFileSync(join(folder, 'data', 'rows.csv'), `y,user,pic,n\n${rows.join('\n')}\n`);
  const yaml = 'name: t\ndata: {examples: ["*.csv"]}\nlabel: y\nunit: user\nimage: {column: pic, base: img/}\n';
  const { span } = await parts.ingest(yaml, pathToFileURL(join(folder, 'data')).href);
  expect(span).toMatchObject({ images: 2, rejectedImages: 0 });
  expect([await isStored(mine), await isStored(theirs)]).toEqual([true, true]);

  const options = { dryRun: false, signal: new AbortController().signal, onProgress: () => undefined };
  const { places } = await forget(parts, new Person('user', ['person-7'], canonicalText), options);
  expect(places.map(({ place, found, left, why }) => [place, found, left, why])).toEqual([
    ['batch span 1 of t', 10, 0, ''],
    ['images that only these rows showed', 1, 0, ''],
  ]);
  expect([await isStored(mine), await isStored(theirs)]).toEqual([false, true]);
  await expect.poll(() => isStored(Buffer.from('person-7')), { timeout: 60_000 }).toBe(false);
});
