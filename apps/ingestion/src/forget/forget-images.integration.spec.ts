import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArtifactForbidden, type ArtifactStore, joinUri } from '@adstocrat/artifact-store';
import { canonicalText } from '@adstocrat/examples';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { Person } from '@adstocrat/service-kit';
import { StoredImages } from '@adstocrat/stored-images';
import { cleanImages } from '../images/clean-images.ts';
import { writePack } from '../images/write-pack.ts';
import { type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';
import { forget } from './forget.ts';

const options = { dryRun: false, signal: new AbortController().signal, onProgress: () => undefined };
const place = 'images that only these rows showed';
const person = new Person('user', ['u7'], canonicalText);
let folder: string;
let database: TestDatabase;
let parts: IngestionParts;
let removing: (uri: string) => Promise<void>;
/** Files of before packs that were asked for. */
let filesRead: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'adstocrat-forget-images-'));
  database = await testDatabase();
  removing = () => Promise.resolve();
  filesRead = [];
  parts = await ingestionParts(database.url, folder, { leaseMs: 2000, wrap: hooked });
  parts.work();
});
afterEach(async () => {
  await parts.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const isFile = (uri: string): boolean => /\/images\/[0-9a-f]{64}$/.test(uri);

function hooked(store: ArtifactStore): ArtifactStore {
  const own: Pick<ArtifactStore, 'remove' | 'read'> = {
    read: (uri, how) => {
      if (isFile(uri)) filesRead.push(uri);
      return store.read(uri, how);
    },
    remove: async (uri, how) => {
      await removing(uri);
      await store.remove(uri, how);
    },
  };
  return Object.assign(Object.create(store) as ArtifactStore, own);
}

/** A picture of so many pixels a side, of which there is no other. */
async function picture(side = 4): Promise<Buffer> {
  const raw = { width: side, height: side, channels: 3 } as const;
  return sharp(randomBytes(side * side * 3), { raw })
    .png()
    .toBuffer();
}
const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A drop as a span of a task: u0 to u7 show pictures by turns, so that each of them has ten rows. */
async function ingest(
  task: string,
  shows: (user: number, row: number) => string,
  files: Record<string, Buffer>,
  signal?: AbortSignal,
) {
  mkdirSync(join(folder, task, 'img'), { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, task, 'img', name), bytes);
  const rows = Array.from(
    { length: 80 },
    (_, row) => `${row % 3 === 0 ? 1 : 0},u${row % 8},${shows(row % 8, row)},${row}`,
  );
  writeFileSync(join(folder, task, 'rows.csv'), `y,user,pic,n\n${rows.join('\n')}\n`);
  const yaml = `name: ${task}\ndata: {examples: ["*.csv"]}\nlabel: y\nunit: user\nimage: {column: pic, base: img/}\n`;
  return (await parts.ingest(yaml, pathToFileURL(join(folder, task)).href, signal)).span;
}

/** Whether the bytes stand in any file of the artifacts. */
function isStored(bytes: Buffer): boolean {
  const artifacts = join(folder, 'artifacts');
  const paths = (readdirSync(artifacts, { recursive: true }) as string[]).map((name) => join(artifacts, name));
  return paths.some((path) => statSync(path).isFile() && readFileSync(path).includes(bytes));
}

const find = (bytes: Buffer): Promise<Uint8Array | undefined> =>
  new StoredImages({ ...parts, registry: parts.metadata.images }).find(shaOf(bytes));

/** Values and digests of a span's images. */
async function indexOf(task: string): Promise<Readonly<Record<string, string>>> {
  const [span] = await parts.metadata.listSpans(task);
  const path = new URL(joinUri(span?.uri ?? '', 'images.parquet')).pathname;
  const engine = await parts.openEngine({ workDir: join(folder, 'look') });
  const columns = await engine.collect(await engine.openParquet([path]), ['value', 'sha256']);
  await engine.close();
  const [values, digests] = ['value', 'sha256'].map((name) => Array.from<unknown>(columns.get(name)?.values ?? []));
  expect(span?.images).toBe(values?.length);
  return Object.fromEntries((values ?? []).map((value, row) => [String(value), String(digests?.[row])]));
}

/** What forget says of images: found, left, and why. */
async function forgotten(change: Partial<Parameters<typeof forget>[2]> = {}) {
  const { places } = await forget(parts, person, { ...options, ...change });
  const images = places.find((one) => one.place === place);
  return images === undefined ? undefined : { found: images.found, left: images.left, why: images.why };
}

/** A span in which the first picture is shown by u7 alone, the second by all others; both are in one pack, which is not a small one. */
async function mineAndTheirs(): Promise<readonly [Buffer, Buffer]> {
  const [mine, theirs] = [await picture(), await picture(1500)];
  await ingest('one', (user) => (user === 7 ? 'mine.png' : 'theirs.png'), { 'mine.png': mine, 'theirs.png': theirs });
  return [mine, theirs];
}

/** Digests of what is to be forgotten and may still be stored. */
const stillKnown = (): Promise<string[]> => Array.fromAsync(parts.metadata.images.forgotten());

/** Has pictures lie as a release before packs kept them: no pack, no row, and a file by the digest. `bytes`: what is in it. */
async function asFiles(files: readonly { readonly sha256: string; readonly bytes: Buffer }[]): Promise<void> {
  const { store, artifactsUrl, pool } = parts;
  await pool.query('DELETE FROM registry.images');
  for await (const { uri } of store.list(joinUri(artifactsUrl, 'images', 'packs', '/'))) await store.remove(uri);
  for (const { sha256, bytes } of files) await store.create(joinUri(artifactsUrl, 'images', sha256), [bytes]);
}

describe('forget, where rows show images', () => {
  it('has the bytes of those gone that only the person’s rows showed, and leaves others where they were', async () => {
    // The large one has its pack hold more than is written together: what is little in it stayed there.
    const [mine, ours, theirs, shared] = [await picture(), await picture(), await picture(1500), await picture()];
    const shows = (user: number, row: number): string => {
      if (user === 7) return ['mine.png', 'alias.png', 'shared.png', 'absent.png'][(row % 4) ^ ((row >> 3) % 4)] ?? '';
      return user % 2 === 0 ? 'ours.png' : 'theirs.png';
    };
    const files = { 'mine.png': mine, 'alias.png': ours, 'ours.png': ours, 'theirs.png': theirs, 'shared.png': shared };
    await ingest('one', shows, files);
    await ingest('two', (user) => (user === 7 ? 'mine.png' : 'shared.png'), { 'mine.png': mine, 'shared.png': shared });
    const all = [mine, ours, theirs, shared];
    expect(all.map(isStored)).toEqual([true, true, true, true]);
    expect(Object.keys(await indexOf('one')).toSorted()).toEqual([
      'alias.png',
      'mine.png',
      'ours.png',
      'shared.png',
      'theirs.png',
    ]);

    const looked = await forget(parts, person, { ...options, dryRun: true });
    expect(looked.places).toEqual([
      { place: 'batch span 1 of one', found: 10, left: 10, why: 'nothing was changed: a dry run' },
      { place: 'batch span 1 of two', found: 10, left: 10, why: 'nothing was changed: a dry run' },
      { place, found: 1, left: 1, why: 'nothing was changed: a dry run' },
    ]);
    expect(all.map(isStored)).toEqual([true, true, true, true]);

    const done = await forget(parts, person, options);
    expect(done.places.map((one) => [one.place, one.found, one.left])).toEqual([
      ['batch span 1 of one', 10, 0],
      ['batch span 1 of two', 10, 0],
      [place, 1, 0],
    ]);
    expect(all.map(isStored)).toEqual([false, true, true, true]);
    for (const bytes of [ours, theirs, shared]) expect(bytes.equals((await find(bytes)) ?? Buffer.of())).toBe(true);
    // Names that only the person's rows had are gone too.
    expect(await indexOf('one')).toEqual({ 'ours.png': shaOf(ours), 'theirs.png': shaOf(theirs) });
    expect(await indexOf('two')).toEqual({ 'shared.png': shaOf(shared) });
    expect((await forget(parts, person, options)).places).toEqual([]);
  });

  it('tells names apart that are one number, or one boolean', async () => {
    const [mine, also, theirs, others] = [await picture(), await picture(), await picture(), await picture()];
    const shows = (user: number, row: number): string => {
      if (user === 7) return ['1', 'TRUE', '2.0', '1'][(row >> 3) % 4] ?? '';
      return user % 2 === 0 ? '1.0' : 'true';
    };
    await ingest('one', shows, { '1': mine, TRUE: also, '2.0': theirs, '1.0': theirs, true: others });
    await forget(parts, person, options);
    // '2.0' is a name of theirs that only the person's rows had.
    expect(await indexOf('one')).toEqual({ '1.0': shaOf(theirs), true: shaOf(others) });
    expect([mine, also, theirs, others].map(isStored)).toEqual([false, false, true, true]);
  });

  it('has other copies of the bytes gone, of two that took the image in at once and of one that was removed before', async () => {
    const [mine, theirs] = await mineAndTheirs();
    const { store, artifactsUrl } = parts;
    const registry = parts.metadata.images;
    // Packs of which much is used, by what is young: nothing but the bytes themselves is against them.
    for (let copy = 0; copy < 2; copy += 1) {
      const images = [mine, await picture(1500)].map((bytes) => ({ sha256: shaOf(bytes), bytes }));
      const found = await registry.find([shaOf(mine)]);
      if (copy === 0) await registry.remove([{ sha256: shaOf(mine), pack: found.get(shaOf(mine))?.pack ?? '' }]);
      await writePack({ registry, store, artifactsUrl }, images, (pack, packed) => registry.place(pack, packed));
    }
    const packs = join(folder, 'artifacts', 'images', 'packs');
    expect(readdirSync(packs).filter((name) => readFileSync(join(packs, name)).includes(mine)).length).toBe(3);
    expect(await forgotten()).toEqual({ found: 1, left: 0, why: '' });
    expect([mine, theirs].map(isStored)).toEqual([false, true]);
    expect(await stillKnown()).toEqual([]);
    // None is there.
    expect(filesRead).toEqual([]);
  });

  it('has files gone that a release before packs kept, and leaves those that others show', async () => {
    const [mine, theirs] = await mineAndTheirs();
    await asFiles([mine, theirs].map((bytes) => ({ sha256: shaOf(bytes), bytes })));
    expect(await forgotten()).toEqual({ found: 1, left: 0, why: '' });
    expect([mine, theirs].map(isStored)).toEqual([false, true]);
    expect(theirs.equals((await find(theirs)) ?? Buffer.of())).toBe(true);
  });

  it('takes rows out where a file of before packs may not be removed, and says so until it is gone', async () => {
    const [mine, theirs] = await mineAndTheirs();
    await asFiles([mine, theirs].map((bytes) => ({ sha256: shaOf(bytes), bytes })));
    removing = (uri) => (isFile(uri) ? Promise.reject(new ArtifactForbidden(uri)) : Promise.resolve());
    for (let asked = 0; asked < 2; asked += 1) {
      const why = expect.stringMatching(
        /^the store does not let .*\/images\/[0-9a-f]{64} be removed: permission/,
      ) as string;
      expect(await forgotten()).toEqual({ found: 1, left: 1, why });
      expect(await indexOf('one')).toEqual({ 'theirs.png': shaOf(theirs) });
    }
    removing = () => Promise.resolve();
    expect(await forgotten()).toEqual({ found: 1, left: 0, why: '' });
    expect([mine, theirs].map(isStored)).toEqual([false, true]);
  });

  it('says that a damaged file of before packs is left where it may not be removed', async () => {
    const [mine, theirs] = [await picture(20), await picture()];
    await ingest('one', (user) => (user === 7 ? 'mine.png' : 'theirs.png'), { 'mine.png': mine, 'theirs.png': theirs });
    const half = mine.subarray(0, mine.length / 2);
    await asFiles([{ sha256: shaOf(mine), bytes: half }]);
    removing = (uri) => (isFile(uri) ? Promise.reject(new ArtifactForbidden(uri)) : Promise.resolve());
    // Each time, though its rows are gone: no image of the registry has it.
    for (let asked = 0; asked < 2; asked += 1) {
      expect(await forgotten()).toEqual({
        found: 1,
        left: 1,
        why: `the store does not let ${joinUri(parts.artifactsUrl, 'images', shaOf(mine))} be removed: permission to delete is needed there`,
      });
      expect(isStored(half)).toBe(true);
    }
    removing = () => Promise.resolve();
    // However young it is, a sweep that was asked for by somebody else takes it as well.
    const { jobs, imageMarks: marks, sweeps } = parts;
    await cleanImages({ dependencies: parts, jobs, marks, sweeps }, { ...options, without: [], graceMs: 86_400_000 });
    expect([isStored(half), await stillKnown(), await forgotten()]).toEqual([false, [], undefined]);
  });

  it('has a damaged file of before packs gone', async () => {
    const [mine, theirs] = [await picture(20), await picture()];
    await ingest('one', (user) => (user === 7 ? 'mine.png' : 'theirs.png'), { 'mine.png': mine, 'theirs.png': theirs });
    const half = mine.subarray(0, mine.length / 2);
    await asFiles([{ sha256: shaOf(mine), bytes: half }]);
    expect(await forgotten()).toEqual({ found: 1, left: 0, why: '' });
    expect(isStored(half)).toBe(false);
  });

  it('keeps the last good copy of what another span shows, where the pack is damaged and a file is not', async () => {
    const [mine] = await mineAndTheirs();
    await ingest('two', () => 'mine.png', { 'mine.png': mine });
    const packs = join(folder, 'artifacts', 'images', 'packs');
    for (const name of readdirSync(packs)) {
      const path = join(packs, name);
      writeFileSync(path, Buffer.alloc(statSync(path).size));
    }
    await parts.store.create(joinUri(parts.artifactsUrl, 'images', shaOf(mine)), [mine]);
    await forgotten();
    expect(mine.equals((await find(mine)) ?? Buffer.of())).toBe(true);
  });

  it.each(['comes to nothing', 'is recorded'])(
    'says that one waits for a span in the making, and goes on by itself when that %s',
    async (end) => {
      const [mine] = await mineAndTheirs();
      const { images } = parts.metadata;
      const findPlaces = images.find.bind(images);
      const [come, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      images.find = async (digests) => {
        const found = await findPlaces(digests);
        if (digests.length !== 1 || digests[0] !== shaOf(mine)) return found;
        come.resolve();
        await go.promise;
        return found;
      };
      const cancelled = new AbortController();
      // Another person's rows show it too.
      const span = ingest('two', () => 'mine.png', { 'mine.png': mine }, cancelled.signal).catch(() => undefined);
      await come.promise;
      images.find = findPlaces;
      // A look that goes on by then has not seen it, and would leave it for its age.
      const { jobs, imageMarks: marks, sweeps } = parts;
      const looking = { ...options, without: [], graceMs: 86_400_000 };
      const looked = await cleanImages({ dependencies: parts, jobs, marks, sweeps }, looking);
      expect([looked.waiting.images, looked.why]).toEqual([0, 'a span is in the making that may name some of them']);
      expect(await forgotten()).toEqual({
        found: 1,
        left: 1,
        why: 'a span is in the making that may name some of them; those that none names then go by themselves',
      });
      expect(isStored(mine)).toBe(true);
      if (end === 'comes to nothing') cancelled.abort();
      go.resolve();
      expect((await span) === undefined).toBe(end === 'comes to nothing');
      await expect
        .poll(() => parts.pool.query(`SELECT FROM ingestion.image_sweeps WHERE state <> 'ended'`), { timeout: 60_000 })
        .toMatchObject({ rowCount: 0 });
      if (end === 'is recorded') expect(mine.equals((await find(mine)) ?? Buffer.of())).toBe(true);
      else await expect.poll(() => isStored(mine), { timeout: 60_000 }).toBe(false);
    },
  );

  it('goes on where it was killed, and where a store did not let packs be removed', async () => {
    const [mine, theirs] = await mineAndTheirs();
    const killed = new AbortController();
    const onProgress = (step: string): void => {
      if (step === 'images') killed.abort(new Error('killed'));
    };
    await expect(forgotten({ signal: killed.signal, onProgress })).rejects.toThrow('killed');
    expect(await forgotten({ dryRun: true })).toMatchObject({ found: 1, left: 1 });
    removing = (uri) => (uri.includes('/packs/') ? Promise.reject(new ArtifactForbidden(uri)) : Promise.resolve());
    for (let asked = 0; asked < 2; asked += 1)
      expect(await forgotten()).toEqual({
        found: 1,
        left: 1,
        why: expect.stringMatching(/^the store does not let .*\/packs\/.* be removed: permission to delete/) as string,
      });
    expect(isStored(mine)).toBe(true);
    removing = () => Promise.resolve();
    expect(await forgotten()).toEqual({ found: 1, left: 0, why: '' });
    expect([mine, theirs].map(isStored)).toEqual([false, true]);
  });

  it('says which span shows an image by the end that none showed when it began', async () => {
    const [mine, other, theirs] = [await picture(), await picture(), await picture(1500)];
    const shows = (user: number, row: number): string =>
      user === 7 ? (row % 16 === 7 ? 'mine.png' : 'other.png') : 'theirs.png';
    await ingest('one', shows, { 'mine.png': mine, 'other.png': other, 'theirs.png': theirs });
    // Recorded after the look at what spans name, and before anything goes.
    const { sweeps } = parts;
    const openAnew = sweeps.openAnew.bind(sweeps);
    let spans = 0;
    sweeps.openAnew = async (transaction) => {
      spans += 1;
      if (spans === 1) await ingest('two', () => 'mine.png', { 'mine.png': mine });
      return openAnew(transaction);
    };
    expect(await forgotten()).toEqual({ found: 2, left: 1, why: 'batch span 1 of two shows 1 of them by now' });
    expect([mine, other, theirs].map(isStored)).toEqual([true, false, true]);
    // It is that span's by now, and nobody's who is to be forgotten.
    expect([await stillKnown(), await forgotten()]).toEqual([[], undefined]);
  });

  /** Does something once, after the last look at rows and before the look at what spans show. */
  function beforeImages(work: () => Promise<unknown>): void {
    const { images } = parts.metadata;
    const forgottenImages = images.forgotten.bind(images);
    images.forgotten = async function* () {
      images.forgotten = forgottenImages;
      await work();
      yield* forgottenImages();
    };
  }

  it('takes nothing for unnamed that a span shows which was recorded after the last look at rows', async () => {
    const [mine] = await mineAndTheirs();
    // Of what is unnamed a damaged file goes; of what is not, it stays where no pack has the image.
    const half = mine.subarray(0, mine.length / 2);
    await asFiles([{ sha256: shaOf(mine), bytes: half }]);
    beforeImages(async () => {
      await ingest('two', () => 'mine.png', { 'mine.png': mine });
      const pack = (await parts.metadata.images.find([shaOf(mine)])).get(shaOf(mine))?.pack ?? '';
      const path = join(folder, 'artifacts', 'images', 'packs', pack);
      writeFileSync(path, Buffer.alloc(statSync(path).size));
    });
    expect(await forgotten()).toEqual({ found: 1, left: 1, why: 'batch span 1 of two shows 1 of them by now' });
    expect([isStored(half), await stillKnown()]).toEqual([true, []]);
  });

  it('says which span shows an image where another cannot be read', async () => {
    const [mine, theirs] = await mineAndTheirs();
    beforeImages(async () => {
      await ingest('two', () => 'mine.png', { 'mine.png': mine });
      const { uri } = await ingest('zoo', () => 'theirs.png', { 'theirs.png': theirs });
      await parts.store.remove(joinUri(uri, 'span.json'));
    });
    const why = /^batch span 1 of two shows 1 of them by now; span 1 of "zoo" is recorded and cannot be read/;
    expect(await forgotten()).toEqual({ found: 1, left: 1, why: expect.stringMatching(why) as string });
    expect(isStored(mine)).toBe(true);
  });

  it('has another sweep wait for a span that was begun when the one before was about to remove', async () => {
    const [mine] = await mineAndTheirs();
    const { sweeps } = parts;
    const { images } = parts.metadata;
    const [come, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const findPlaces = images.find.bind(images);
    const beginSweeping = sweeps.beginSweeping.bind(sweeps);
    let span: Promise<unknown> | undefined;
    sweeps.beginSweeping = async (sweep, attempt) => {
      sweeps.beginSweeping = beginSweeping;
      images.find = async (digests) => {
        const found = await findPlaces(digests);
        images.find = findPlaces;
        come.resolve();
        await go.promise;
        return found;
      };
      span = ingest('two', () => 'mine.png', { 'mine.png': mine });
      await come.promise;
      return beginSweeping(sweep, attempt);
    };
    expect(await forgotten()).toEqual({
      found: 1,
      left: 1,
      why: 'a span is in the making that may name some of them; those that none names then go by themselves',
    });
    go.resolve();
    await span;
    await expect
      .poll(() => parts.pool.query(`SELECT FROM ingestion.image_sweeps WHERE state <> 'ended'`), { timeout: 60_000 })
      .toMatchObject({ rowCount: 0 });
    expect(mine.equals((await find(mine)) ?? Buffer.of())).toBe(true);
  });

  it('holds on to images that spans show whose rows nobody can read, until they can be told', async () => {
    const [mine, theirs] = await mineAndTheirs();
    const shows = (user: number): string => (user === 7 ? 'mine.png' : 'theirs.png');
    const two = await ingest('two', shows, { 'mine.png': mine, 'theirs.png': theirs });
    rmSync(new URL(joinUri(two.uri, 'examples')).pathname, { recursive: true });
    const why = '1 of them lie in spans whose rows cannot be read';
    expect(await forgotten()).toMatchObject({ found: 1, left: 1, why: expect.stringContaining(why) });
    // Another's turn takes the mark back no more than theirs does.
    await forget(parts, new Person('user', ['u6'], canonicalText), options);
    expect(await stillKnown()).toEqual([shaOf(mine)]);
    await parts.pool.query('DELETE FROM registry.spans WHERE task = $1', ['two']);
    expect(await forgotten()).toEqual({ found: 1, left: 0, why: '' });
    expect([mine, theirs].map(isStored)).toEqual([false, true]);
  });

  it('ends where the database lets others in', async () => {
    await mineAndTheirs();
    const { metadata, pool } = parts;
    const listTasks = metadata.listTasks.bind(metadata);
    metadata.listTasks = async () => {
      await pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_locks
         WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND (classid::bigint << 32) + objid::bigint = hashtextextended('ingestion.forget', 0)`,
      );
      await new Promise((resolve) => setTimeout(resolve, 500));
      return listTasks();
    };
    await expect(forget(parts, person, options)).rejects.toThrow(
      'the database has ended what kept others out: ask again',
    );
    metadata.listTasks = listTasks;
    expect(await forgotten()).toEqual({ found: 1, left: 0, why: '' });
  });

  it('keeps an image as any other that a later drop shows again, until the person’s rows in that go too', async () => {
    const [mine, theirs] = await mineAndTheirs();
    const { sweeps } = parts;
    const openAnew = sweeps.openAnew.bind(sweeps);
    // Killed when all is said and nothing has gone.
    sweeps.openAnew = () => Promise.reject(new Error('killed'));
    await expect(forgotten()).rejects.toThrow('killed');
    sweeps.openAnew = openAnew;
    expect(await stillKnown()).toEqual([shaOf(mine)]);
    await ingest('two', (user) => (user === 7 ? 'mine.png' : 'theirs.png'), {
      'mine.png': mine,
      'theirs.png': theirs,
    });
    const nobody = new Person('user', ['nobody'], canonicalText);
    expect((await forget(parts, nobody, options)).places).toEqual([]);
    expect([await stillKnown(), isStored(mine)]).toEqual([[], true]);
    expect(await forgotten()).toEqual({ found: 1, left: 0, why: '' });
    expect([mine, theirs].map(isStored)).toEqual([false, true]);
  });

  it('goes on for a person whose images another’s turn took back, where one was killed before the span was another one', async () => {
    const [mine, theirs] = await mineAndTheirs();
    const { metadata } = parts;
    const removeSpan = metadata.removeSpan.bind(metadata);
    metadata.removeSpan = () => Promise.reject(new Error('killed'));
    await expect(forgotten()).rejects.toThrow('killed');
    metadata.removeSpan = removeSpan;
    expect(await stillKnown()).toEqual([shaOf(mine)]);
    await forget(parts, new Person('user', ['nobody'], canonicalText), options);
    expect([await stillKnown(), isStored(mine)]).toEqual([[], true]);
    expect(await forgotten()).toEqual({ found: 1, left: 0, why: '' });
    expect([mine, theirs].map(isStored)).toEqual([false, true]);
  });

  it('finds images by names with blanks, percent signs, slashes and letters of any script', async () => {
    const names = ['a b/50%off.png', 'a%20b.png', 'grün/é.png', 'gru\u0308n.png', '図/画像 1.png'];
    const pictures = await Promise.all(names.map(() => picture()));
    const theirs = await picture(1500);
    for (const name of names) mkdirSync(dirname(join(folder, 'one', 'img', name)), { recursive: true });
    await ingest('one', (user, row) => (user === 7 ? (names[(row >> 3) % names.length] ?? '') : 'theirs.png'), {
      ...Object.fromEntries(names.map((name, index) => [name, pictures[index] ?? Buffer.of()])),
      'theirs.png': theirs,
    });
    expect(Object.keys(await indexOf('one')).toSorted()).toEqual([...names, 'theirs.png'].toSorted());
    expect(await forgotten()).toEqual({ found: 5, left: 0, why: '' });
    expect([...pictures, theirs].map(isStored)).toEqual([false, false, false, false, false, true]);
    expect(await indexOf('one')).toEqual({ 'theirs.png': shaOf(theirs) });
  });
});
