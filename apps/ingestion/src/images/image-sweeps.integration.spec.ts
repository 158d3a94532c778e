import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-sweeps-'));
const image = { sha256: 'a'.repeat(64), bytes: 5, pack: randomUUID() };
let database: TestDatabase;
let parts: IngestionParts;
beforeAll(async () => {
  database = await testDatabase();
  parts = await ingestionParts(database.url, folder);
});
afterAll(async () => {
  await parts.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const open = (): Promise<number> => parts.jobs.transaction((transaction) => parts.sweeps.open(transaction));
const removed = (uri: string): Promise<void> =>
  parts.jobs.transaction((transaction) => parts.sweeps.spanRemoved(uri, transaction));

describe('a sweep of images', () => {
  it('is one at a time, whoever opens it at once', async () => {
    const opened = await Promise.all([open(), open(), open()]);
    expect(new Set(opened).size).toBe(1);
  });

  it('begins anew where a span that it does not know is removed, and marks nothing for an attempt that stood still', async () => {
    const { sweeps, imageMarks: marks } = parts;
    const sweep = await open();
    await sweeps.take(sweep, 1);
    expect(await sweeps.beginMarking(sweep, 1)).toBe(true);
    await sweeps.knows(sweep, 1, ['known']);
    expect(await marks.mark(sweep, 1, [image])).toBe(true);
    await removed('known');
    expect(await sweeps.marked(sweep, 1, false)).toBe(true);
    // What comes late is not marked.
    expect(await marks.mark(sweep, 1, [{ ...image, sha256: 'b'.repeat(64) }])).toBe(false);
    await removed('recorded since');
    expect(await sweeps.beginSweeping(sweep, 1)).toBe(false);
    expect(await marks.condemn(sweep, 1, 10)).toEqual([]);

    // Another attempt takes it over: the first one changes nothing any more.
    await sweeps.take(sweep, 2);
    expect(await sweeps.take(sweep, 1)).toBeUndefined();
    expect(await sweeps.beginMarking(sweep, 1)).toBe(false);
    expect(await marks.count()).toEqual({ images: 1, bytes: 5 });
    expect(await sweeps.beginMarking(sweep, 2)).toBe(true);
    expect(await marks.count()).toEqual({ images: 0, bytes: 0 });
    await sweeps.knows(sweep, 2, ['known']);
    expect(await marks.mark(sweep, 1, [image])).toBe(false);
    expect(await marks.mark(sweep, 2, [image])).toBe(true);
    await sweeps.marked(sweep, 2, false);
    expect(await sweeps.beginSweeping(sweep, 1)).toBe(false);
    expect(await sweeps.beginSweeping(sweep, 2)).toBe(true);
    // It has come to remove: what it does not know was looked at.
    await removed('recorded since');
    expect(await sweeps.end(sweep, 2)).toBe(false);
    expect(await marks.condemn(sweep, 1, 10)).toEqual([]);
    expect(await marks.condemn(sweep, 2, 10)).toEqual([image]);
    await marks.named([image.sha256]);
    await marks.removed([{ ...image, pack: randomUUID() }]);
    expect(await marks.count()).toEqual({ images: 1, bytes: 5 });
    await marks.removed([image]);
    expect(await sweeps.end(sweep, 2)).toBe(true);
    expect(await sweeps.find(sweep)).toMatchObject({ state: 'ended', images: 1, bytes: 5 });
    expect(await open()).not.toBe(sweep);
  });

  it('looks again at everything for whoever opens it anew, wherever it stands', async () => {
    const { sweeps } = parts;
    const openAnew = () => parts.jobs.transaction((transaction) => sweeps.openAnew(transaction));
    const sweep = await openAnew();
    const mark = async () => {
      expect(await sweeps.beginMarking(sweep, 1)).toBe(true);
      await sweeps.knows(sweep, 1, []);
    };
    await sweeps.take(sweep, 1);
    await mark();
    expect(await openAnew()).toBe(sweep);
    expect(await sweeps.marked(sweep, 1, false)).toBe(false);
    await mark();
    expect(await sweeps.marked(sweep, 1, false)).toBe(true);
    expect(await openAnew()).toBe(sweep);
    expect(await sweeps.beginSweeping(sweep, 1)).toBe(false);
    await mark();
    await sweeps.marked(sweep, 1, false);
    expect(await sweeps.beginSweeping(sweep, 1)).toBe(true);
    expect(await openAnew()).toBe(sweep);
    expect(await sweeps.end(sweep, 1)).toBe(true);
    expect(await sweeps.find(sweep)).toMatchObject({ state: 'marking', void: false });
    await mark();
    await sweeps.marked(sweep, 1, false);
    await sweeps.beginSweeping(sweep, 1);
    await sweeps.end(sweep, 1);
    expect(await sweeps.find(sweep)).toMatchObject({ state: 'ended' });
    expect(await openAnew()).not.toBe(sweep);
  });
});
