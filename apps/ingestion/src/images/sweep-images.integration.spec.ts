import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArtifactForbidden, type ArtifactStore, joinUri, readBytes } from '@adstocrat/artifact-store';
import type { ImageRegistry } from '@adstocrat/metadata';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { FailedPrecondition } from '@adstocrat/service-kit';
import { packUri, StoredImages } from '@adstocrat/stored-images';
import { cleanSpans } from '../clean/clean-spans.ts';
import { liveSpanJob } from '../live/write-live-span.ts';
import { type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';
import { cleanImages } from './clean-images.ts';
import { sweepImages } from './sweep-images.ts';
import { tidyPacks } from './tidy-packs.ts';
import { writePack } from './write-pack.ts';

const yaml = 'name: t\ndata: {examples: ["*.csv"]}\nlabel: y\nimage: {column: pic, base: img/}\n';
const none = { images: 0, bytes: 0 };
let folder: string;
let database: TestDatabase;
let parts: IngestionParts[];
/** Called before a process takes an image from its pack, after it looked for one, and before it removes an object. */
let hooks: {
  taking?: (sha256: string) => Promise<void>;
  looked?: (sha256: string) => Promise<void>;
  removing?: (uri: string) => Promise<void>;
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'adstocrat-sweep-'));
  database = await testDatabase();
  hooks = {};
  parts = [];
});
afterEach(async () => {
  await Promise.all(parts.map((one) => one.close()));
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** A process of ingestion at work. */
async function start(): Promise<IngestionParts> {
  const instance = parts.length;
  const one = await ingestionParts(database.url, folder, { instance, leaseMs: 2000, wrap: hooked });
  const { images } = one.metadata;
  const [find, remove] = [images.find.bind(images), images.remove.bind(images)];
  const own: Pick<ImageRegistry, 'find' | 'remove'> = {
    find: async (digests) => {
      const found = await find(digests);
      for (const sha256 of digests) await hooks.looked?.(sha256);
      return found;
    },
    remove: async (going) => {
      for (const { sha256 } of going) await hooks.taking?.(sha256);
      await remove(going);
    },
  };
  Object.assign(images, own);
  parts.push(one);
  one.work();
  return one;
}

function hooked(store: ArtifactStore): ArtifactStore {
  const own: Pick<ArtifactStore, 'remove'> = {
    remove: async (uri, options) => {
      await hooks.removing?.(uri);
      await store.remove(uri, options);
    },
  };
  return Object.assign(Object.create(store) as ArtifactStore, own);
}

/** The pictures that tests name: 1 pixel, of a red of their own. */
const reds: Readonly<Record<string, number>> = { a: 1, b: 2, c: 3, d: 4 };
async function pictureOf(name: string): Promise<{ readonly bytes: Buffer; readonly sha256: string }> {
  const background = { r: reds[name] ?? 0, g: 0, b: 0 };
  const bytes = await sharp({ create: { width: 1, height: 1, channels: 3, background } })
    .png()
    .toBuffer();
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** A drop whose rows show these pictures, as a span. */
async function ingest(one: IngestionParts, drop: string, names: string, signal?: AbortSignal) {
  mkdirSync(join(folder, drop, 'img'), { recursive: true });
  for (const name of names) writeFileSync(join(folder, drop, 'img', `${name}.png`), (await pictureOf(name)).bytes);
  const rows = Array.from(
    { length: 60 },
    (_, row) => `${row % 3 === 0 ? 1 : 0},${names[row % names.length]}.png,${row}`,
  );
  writeFileSync(join(folder, drop, 'rows.csv'), `y,pic,n\n${rows.join('\n')}\n`);
  return (await one.ingest(yaml, pathToFileURL(join(folder, drop)).href, signal)).span;
}

/** Pictures in a pack of their own that no span names. */
async function leave({ metadata, store, artifactsUrl }: IngestionParts, names: string): Promise<number> {
  const pictures = await Promise.all([...names].map(pictureOf));
  const registry = metadata.images;
  await writePack({ registry, store, artifactsUrl }, pictures, (pack, images) => registry.place(pack, images));
  return pictures.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Names of the pictures that are kept, each as it was. */
async function there({ metadata, store, artifactsUrl }: IngestionParts): Promise<string> {
  const images = new StoredImages({ registry: metadata.images, store, artifactsUrl });
  const found = await Promise.all(
    Object.keys(reds).map(async (name) => {
      const { bytes, sha256 } = await pictureOf(name);
      const kept = await images.find(sha256);
      return kept !== undefined && bytes.equals(kept) ? name : '';
    }),
  );
  return found.join('');
}

/** How many packs lie in the store. */
async function packs({ store, artifactsUrl }: IngestionParts): Promise<number> {
  return (await Array.fromAsync(store.list(joinUri(artifactsUrl, 'images', 'packs', '/')))).length;
}

function clean(one: IngestionParts, change: { dryRun?: boolean; without?: string[]; graceMs?: number } = {}) {
  const signal = new AbortController().signal;
  const options = { dryRun: false, without: [], graceMs: 0, signal, onProgress: () => undefined };
  const { jobs, imageMarks: marks, sweeps } = one;
  return cleanImages({ dependencies: one, jobs, marks, sweeps }, { ...options, ...change });
}

const ended = ({ pool }: IngestionParts): Promise<void> =>
  expect
    .poll(async () => (await pool.query(`SELECT FROM ingestion.image_sweeps WHERE state <> 'ended'`)).rowCount, {
      timeout: 60_000,
    })
    .toBe(0);

/** A point that something comes to, and stays at until it is let go. */
function gate() {
  const [come, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const pass = async (): Promise<void> => {
    come.resolve();
    await go.promise;
  };
  return { come: come.promise, go: () => go.resolve(), pass };
}

describe('images that no span names', () => {
  it('go once, though two ask for it; those that spans name, that are young, or that are none of ours stay', async () => {
    const [one, two] = [await start(), await start()];
    const first = await ingest(one, 'first', 'ab');
    const second = await ingest(one, 'second', 'bc');
    await one.store.create(joinUri(one.artifactsUrl, 'images', 'README'), [Buffer.from('x')]);
    expect(await clean(one, { dryRun: true })).toEqual({ going: none, waiting: none, why: '' });
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(async (name) => (await pictureOf(name)).bytes.length));
    const counted = async (of: Parameters<typeof clean>[1]) => (await clean(one, { dryRun: true, ...of })).going;
    expect(await counted({ without: [first.uri] })).toEqual({ images: 1, bytes: a });
    expect(await counted({ without: [first.uri, second.uri] })).toEqual({ images: 3, bytes: a! + b! + c! });
    expect(await counted({ without: [first.uri], graceMs: 3_600_000 })).toEqual(none);

    await one.metadata.removeSpan(first);
    expect((await clean(one, { graceMs: 3_600_000 })).going).toEqual(none);
    expect(await there(one)).toBe('abc');
    const done = await Promise.all([clean(one), clean(two)]);
    expect(done.map(({ going }) => going)).toContainEqual({ images: 1, bytes: a });
    await ended(one);
    expect(await there(one)).toBe('bc');
    expect((await one.store.stat(joinUri(one.artifactsUrl, 'images', 'README'))).bytes).toBe(1);
  });

  /** An ingestion that has found the picture a, which no span names, and stands still; then a look that marks it. */
  async function foundBefore(): Promise<{
    readonly one: IngestionParts;
    readonly span: Promise<{ readonly uri: string } | undefined>;
    readonly go: () => void;
    readonly cancel: () => void;
  }> {
    const [one, two] = [await start(), await start()];
    const bytes = await leave(one, 'a');
    const { sha256 } = await pictureOf('a');
    const { come, go, pass } = gate();
    hooks.looked = async (name) => (name === sha256 ? pass() : undefined);
    const cancelled = new AbortController();
    const span = ingest(one, 'drop', 'a', cancelled.signal).catch(() => undefined);
    await come;
    expect(await clean(two)).toEqual({
      going: none,
      waiting: { images: 1, bytes },
      why: 'a span is in the making that may name some of them',
    });
    return { one, span, go, cancel: () => cancelled.abort() };
  }

  it('stay where an ingestion had found one before it was marked, and records its span after that', async () => {
    const { one, span, go } = await foundBefore();
    go();
    expect(await span).toBeDefined();
    await ended(one);
    expect(await there(one)).toBe('a');
    expect(await one.imageMarks.any()).toBe(false);
  });

  it('wait for a live span in the making as well', async () => {
    const holder = await ingestionParts(database.url, folder, { instance: 8, leaseMs: 2000 });
    parts.push(holder);
    const { come, go, pass } = gate();
    holder.jobs.work(liveSpanJob, { concurrency: 1 }, pass);
    const payload = { retrainId: 'r', model: 't', task: 't', appendedMs: 1 };
    await holder.jobs.request({ kind: liveSpanJob, key: 'r', payload, by: 'a test' });
    await come;
    const one = await start();
    const bytes = await leave(one, 'a');
    expect(await clean(one)).toMatchObject({ going: none, waiting: { images: 1, bytes } });
    expect(await there(one)).toBe('a');
    go();
    await ended(one);
    expect(await there(one)).toBe('');
  });

  it('go where the ingestion that had found one comes to nothing', async () => {
    const { one, span, go, cancel } = await foundBefore();
    cancel();
    go();
    expect(await span).toBeUndefined();
    await ended(one);
    expect(await there(one)).toBe('');
  });

  it('stay where an ingestion finds one after it was marked', async () => {
    const { one, span, go, cancel } = await foundBefore();
    hooks = {};
    expect(await ingest(one, 'another', 'a')).toMatchObject({ images: 1 });
    // Taken back by whoever found it, before the look has come any further.
    expect(await one.imageMarks.any()).toBe(false);
    cancel();
    go();
    await span;
    await ended(one);
    expect(await there(one)).toBe('a');
  });

  it('are looked for anew where a span is removed that the look does not know', async () => {
    const { one, span, go, cancel } = await foundBefore();
    hooks = {};
    // The third is the newest: nothing needs the second.
    for (const [drop, names] of [
      ['second', 'b'],
      ['third', 'c'],
    ] as const)
      await ingest(one, drop, names);
    const { going } = await cleanSpans(one, { keeping: { spans: 0, days: 0, bytes: 1 }, dryRun: false });
    expect(going).toHaveLength(1);
    cancel();
    go();
    await span;
    await ended(one);
    expect(await there(one)).toBe('c');
  });

  it('are written anew where an ingestion needs one that is going, and the late removal leaves that', async () => {
    const [one, two] = [await start(), await start()];
    await leave(one, 'a');
    const { sha256 } = await pictureOf('a');
    const { come, go, pass } = gate();
    let removals = 0;
    hooks.taking = async (name) => {
      if (name === sha256) removals += 1;
      if (name === sha256 && removals === 1) await pass();
    };
    const cleaning = clean(two);
    await come;
    expect(await ingest(one, 'drop', 'a')).toMatchObject({ images: 1 });
    expect([removals, await there(one)]).toEqual([2, 'a']);
    go();
    await cleaning;
    await ended(one);
    expect(await there(one)).toBe('a');
  });

  it('go though the process that removes them is ended half-way', async () => {
    const one = await start();
    await leave(one, 'abc');
    const { come, go, pass } = gate();
    hooks.taking = pass;
    void clean(one).catch(() => undefined);
    await come;
    const closing = parts.splice(0).map((process) => process.close());
    hooks = {};
    const two = await start();
    await ended(two);
    expect(await there(two)).toBe('');
    go();
    await Promise.all(closing);
    expect((await two.pool.query('SELECT images FROM ingestion.image_sweeps')).rows).toEqual([{ images: 3 }]);
  });

  it('are marked so many at a time, until none is left', async () => {
    const one = await ingestionParts(database.url, folder);
    parts.push(one);
    await leave(one, 'abcd');
    const { jobs, imageMarks: marks, sweeps } = one;
    const sweep = await jobs.transaction((transaction) => sweeps.open(transaction));
    const rounds: number[] = [];
    const job = {
      attempt: 1,
      payload: { sweep, graceMs: 0 },
      signal: new AbortController().signal,
      report: ({ step, done }: { readonly step: string; readonly done: number }) => {
        if (step === 'images') rounds.push(done);
      },
      finish: async (records?: (transaction: never) => Promise<unknown>) => {
        expect(await records?.(undefined as never)).toMatchObject({ images: 4 });
      },
    };
    await sweepImages({ dependencies: one, jobs, marks, sweeps, mostMarked: 3 }, job);
    expect([rounds, await there(one)]).toEqual([[3, 1], '']);
  });

  it('go and stay as well where a release before packs kept a file of each', async () => {
    const one = await start();
    const { metadata, store, artifactsUrl, pool } = one;
    const first = await ingest(one, 'first', 'ab');
    await ingest(one, 'second', 'bc');
    // As they lay then: no pack, no row, and a file by the digest. One that is younger than the rest, and one that is damaged.
    await pool.query('DELETE FROM registry.images');
    await tidyPacks({ registry: metadata.images, store, artifactsUrl }, new AbortController().signal);
    const folderOfImages = join(folder, 'artifacts', 'images');
    const day = new Date(Date.now() - 172_800_000);
    for (const name of 'abc') {
      const { bytes, sha256 } = await pictureOf(name);
      await store.create(joinUri(artifactsUrl, 'images', sha256), [bytes]);
      utimesSync(join(folderOfImages, sha256), day, day);
    }
    const young = await pictureOf('d');
    await store.create(joinUri(artifactsUrl, 'images', young.sha256), [young.bytes]);
    await store.create(joinUri(artifactsUrl, 'images', 'f'.repeat(64)), [young.bytes]);
    expect([await there(one), await packs(one)]).toEqual(['abcd', 0]);

    const graceMs = 86_400_000;
    const a = await pictureOf('a');
    const going = { images: 1, bytes: a.bytes.length };
    expect((await clean(one, { graceMs })).going).toEqual(none);
    expect((await clean(one, { graceMs, dryRun: true, without: [first.uri] })).going).toEqual(going);
    await metadata.removeSpan(first);
    expect((await clean(one, { graceMs })).going).toEqual(going);
    await ended(one);
    // What spans name is served from where it lies; data that is taken in again has its images in packs.
    expect([await there(one), await packs(one)]).toEqual(['bcd', 0]);
    expect(await ingest(one, 'third', 'ab')).toMatchObject({ images: 2, rejectedImages: 0 });
    expect([await there(one), await packs(one)]).toEqual(['abcd', 1]);
    expect(readdirSync(folderOfImages)).toContain('f'.repeat(64));
  });

  it('go where one of them is a file that may not be removed, which is named', async () => {
    const one = await start();
    const { store, artifactsUrl } = one;
    const [stray, damaged] = [await pictureOf('a'), await pictureOf('b')];
    for (const sha256 of [stray.sha256, damaged.sha256])
      await store.create(joinUri(artifactsUrl, 'images', sha256), [stray.bytes]);
    await leave(one, 'c');
    hooks.removing = (uri) =>
      uri.endsWith(stray.sha256) ? Promise.reject(new ArtifactForbidden(uri)) : Promise.resolve();
    for (let asked = 0; asked < 2; asked += 1)
      await expect(clean(one)).rejects.toThrow(
        `does not let ${joinUri(artifactsUrl, 'images', stray.sha256)} be removed`,
      );
    expect(await there(one)).toBe('a');
    hooks = {};
    await clean(one);
    await ended(one);
    const left = readdirSync(join(folder, 'artifacts', 'images'));
    expect([await there(one), left]).toEqual(['', ['packs']]);
  });

  it('stay recalled where a `forget` takes back, while a sweep is at it, that they are to be forgotten', async () => {
    const one = await start();
    const { metadata, store, artifactsUrl } = one;
    const { images } = metadata;
    const [a, b] = [await pictureOf('a'), await pictureOf('b')];
    await ingest(one, 'first', 'ab');
    // One whose file may not be removed either, so that it stays.
    await store.create(joinUri(artifactsUrl, 'images', b.sha256), [b.bytes]);
    hooks.removing = (uri) => (uri.endsWith(b.sha256) ? Promise.reject(new ArtifactForbidden(uri)) : Promise.resolve());
    const both = [a.sha256, b.sha256];
    await images.forget(both);
    await images.forgetFiles([b.sha256]);
    const forgotten = images.forgotten.bind(images);
    images.forgotten = async function* () {
      yield* forgotten();
      await images.recall(both);
    };
    await clean(one).catch(() => undefined);
    await ended(one);
    expect([await Array.fromAsync(forgotten()), await there(one)]).toEqual([[], 'ab']);
  });

  it('are to be forgotten no more once their files of before packs are gone, whoever removed those', async () => {
    const one = await start();
    const { images } = one.metadata;
    const [a, c] = [await pictureOf('a'), await pictureOf('c')];
    await ingest(one, 'first', 'a');
    // As a kill leaves one between its pack and the registry.
    await leave(one, 'c');
    await images.forgetFiles([a.sha256, c.sha256, 'f'.repeat(64)]);
    await clean(one, { graceMs: 3_600_000 });
    await ended(one);
    expect(await there(one)).toBe('a');
    await images.recall([a.sha256]);
    expect(await Array.fromAsync(images.forgotten())).toEqual([]);
  });

  it('are not told where a span cannot be read: nothing goes then, and the span is named', async () => {
    const one = await start();
    const { uri } = await ingest(one, 'drop', 'a');
    await leave(one, 'b');
    await one.store.remove(joinUri(uri, 'span.json'));
    const says =
      /^span 1 of "t" is recorded and cannot be read, so that it is not known which images it names: .*span\.json/;
    for (const dryRun of [true, false]) {
      const refused = clean(one, { dryRun });
      await expect(refused).rejects.toThrow(FailedPrecondition);
      await expect(refused).rejects.toThrow(says);
    }
    expect(await there(one)).toBe('ab');
    // Once it is gone, who asks again is answered.
    await one.metadata.removeSpan({ task: 't', span: 1, uri });
    expect((await clean(one)).going.images).toBe(2);
  });

  it('stay where the artifacts are another installation’s, whose spans may name them', async () => {
    const owner = await start();
    await ingest(owner, 'first', 'ab');
    await clean(owner);
    await using elsewhere = await testDatabase();
    const other = await ingestionParts(elsewhere.url, folder, { instance: 9, leaseMs: 2000 });
    other.work();
    parts.push(other);
    for (const dryRun of [true, false])
      await expect(clean(other, { dryRun })).rejects.toThrow(/belongs to another installation/);
    expect(await there(owner)).toBe('ab');
    parts.pop();
    await other.close();
  });

  it('leave packs that go once they may be removed, and another one for a span that needs one of them', async () => {
    const one = await start();
    const bytes = await leave(one, 'ab');
    let allowed = false;
    hooks.removing = () => (allowed ? Promise.resolve() : Promise.reject(new ArtifactForbidden('a pack')));
    await expect(clean(one)).rejects.toThrow(/does not let file:.*\/images\/packs\/.* be removed: permission/);
    expect([await there(one), await packs(one)]).toEqual(['', 1]);
    expect((await one.pool.query('SELECT images, bytes FROM ingestion.image_sweeps')).rows).toEqual([
      { images: 2, bytes },
    ]);
    expect(await ingest(one, 'first', 'a')).toMatchObject({ images: 1, rejectedImages: 0 });
    allowed = true;
    expect((await clean(one)).going).toEqual(none);
    expect([await there(one), await packs(one)]).toEqual(['a', 1]);
  });
});

describe('packs of images', () => {
  it('are written together where little of them is left, and what spans name is as it was', async () => {
    const [one, two] = [await start(), await start()];
    await ingest(one, 'first', 'a');
    await ingest(one, 'second', 'b');
    await leave(one, 'cd');
    expect(await packs(one)).toBe(3);
    const done = await clean(one);
    expect([done.going.images, await there(two), await packs(one)]).toEqual([2, 'ab', 1]);
    // One alone, with nothing to lose, is left as it is.
    const [before] = await Array.fromAsync(one.store.list(joinUri(one.artifactsUrl, 'images', 'packs', '/')));
    await clean(two);
    const [after] = await Array.fromAsync(one.store.list(joinUri(one.artifactsUrl, 'images', 'packs', '/')));
    expect(after).toEqual(before);
  });

  it('lose what is dead though one that was to be written with them is damaged, which is named', async () => {
    const one = await start();
    const { metadata, store, artifactsUrl } = one;
    await leave(one, 'ac');
    await ingest(one, 'first', 'a');
    await ingest(one, 'second', 'b');
    const b = await pictureOf('b');
    const pack = (await metadata.images.find([b.sha256])).get(b.sha256)?.pack ?? '';
    const uri = packUri(artifactsUrl, pack);
    await store.remove(uri);
    await store.create(uri, [Buffer.alloc(b.bytes.length)]);
    await expect(clean(one)).rejects.toThrow(/images that spans name cannot be read: .* is not what it was/);
    const c = await pictureOf('c');
    const all = await Array.fromAsync(store.list(joinUri(artifactsUrl, 'images', 'packs', '/')));
    const contents = await Promise.all(all.map((listed) => readBytes(store, listed.uri)));
    expect(contents.map((bytes) => Buffer.from(bytes).includes(c.bytes))).toEqual([false, false]);
  });

  it('that a killed ingestion left go, and one that is written while that happens is written anew', async () => {
    const one = await start();
    const { images } = one.metadata;
    const left = await images.beginPack(5);
    await one.store.create(packUri(one.artifactsUrl, left), [Buffer.from('bytes')]);
    // Killed while it wrote the bytes: see the store's own test.
    const folderOfPacks = join(folder, 'artifacts', 'images', 'packs');
    const partsOfIt = join(folderOfPacks, `.adstocrat-parts-${await images.beginPack(5)}`);
    mkdirSync(partsOfIt);
    writeFileSync(join(partsOfIt, `.adstocrat-part-${randomUUID()}`), 'byt');
    const place = images.place.bind(images);
    const tried: string[] = [];
    images.place = async (pack, some) => {
      tried.push(pack);
      const { store, artifactsUrl } = one;
      if (tried.length === 1) await tidyPacks({ registry: images, store, artifactsUrl }, new AbortController().signal);
      await place(pack, some);
    };
    await ingest(one, 'first', 'ab');
    expect([tried.length, await there(one), readdirSync(folderOfPacks).length]).toEqual([2, 'ab', 1]);
  });

  it('have an image once for all, though two take it in at the same time', async () => {
    const [one, two] = [await start(), await start()];
    const both = gate();
    let looking = 0;
    hooks.looked = async () => {
      looking += 1;
      if (looking === 2) both.go();
      await both.pass();
    };
    const yamls = ['abc', 'bcd'];
    const spans = await Promise.all([ingest(one, 'first', yamls[0]!), ingest(two, 'second', yamls[1]!)]);
    expect(spans.map(({ images }) => images)).toEqual([3, 3]);
    const listed = await Array.fromAsync(one.metadata.images.list(Infinity));
    expect([listed.length, await there(two)]).toEqual([4, 'abcd']);
  });
});
