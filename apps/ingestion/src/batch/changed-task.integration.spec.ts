import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTask } from '@adstocrat/metadata';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import type { events } from '@adstocrat/schemas';
import { heardReady, type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-changed-'));
const data = pathToFileURL(join(folder, 'data')).href;
let database: TestDatabase;
let parts: IngestionParts;
let ready: readonly events.SpanReady[];

beforeAll(async () => {
  database = await testDatabase();
  parts = await ingestionParts(database.url, folder);
  ready = await heardReady(parts.bus);
  const rows = Array.from(
    { length: 60 },
    (_, row) => `r${row},2026-01-${String(1 + (row % 28)).padStart(2, '0')},${row % 7},${row % 3 === 0 ? 1 : 0}`,
  );
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'rows.csv'), `key,day,price,clicked\n${rows.join('\n')}\n`);
  parts.work();
});
afterAll(async () => {
  await parts.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const yaml = (name: string, more = ''): string => `name: ${name}\ndata: {examples: ["*.csv"]}\nlabel: clicked\n${more}`;
const heard = (name: string): number => ready.filter(({ task }) => task === name).length;

describe('a task that changed', () => {
  it.each([
    ['training', 'training: {seed: 7}\n'],
    ['rollout', 'rollout: {step: 2m}\n'],
    ['thresholds', 'thresholds: {retrainSpans: 3}\n'],
    ['features', 'features: {price: log1p}\n'],
  ] as const)('has its span where only %s did, and goes on as it is now', async (key, more) => {
    const before = key === 'features' ? 'features: {price: magnitude}\n' : '';
    const first = await parts.ingest(yaml(key, before), data);
    const second = await parts.ingest(yaml(key, more), data);
    expect([first.alreadyThere, second.alreadyThere, second.span.span]).toEqual([false, true, first.span.span]);
    expect(await parts.metadata.listSpans(key)).toHaveLength(1);
    const task = await readTask(parts.metadata, key);
    // What the data told is not lost.
    expect(task).toMatchObject({ id: 'key', eventTime: 'day', timeFormat: 'iso-8601' });
    expect(task[key]).not.toEqual({});
    await expect.poll(() => heard(key), { timeout: 240_000 }).toBe(2);
  });

  it.each([
    ['split', 'split: {by: hash, test: 30%}\n'],
    ['reading', 'features: {price: ignore}\n'],
  ])('has another span where its data is another: %s', async (name, more) => {
    const first = await parts.ingest(yaml(name), data);
    const second = await parts.ingest(yaml(name, more), data);
    expect([second.alreadyThere, second.span.span]).toEqual([false, first.span.span + 1]);
  });

  it('is not taken where it names a column that the span has not', async () => {
    await parts.ingest(yaml('sliced'), data);
    await expect(parts.ingest(yaml('sliced', 'slices: [[prise]]\n'), data)).rejects.toThrow(
      /slices: the data has no column "prise"; did you mean "price"\?/,
    );
    expect((await readTask(parts.metadata, 'sliced')).slices).toEqual([]);
  });

  it('is what one of two says who ask at once, and both have one span', async () => {
    const [one, two] = await Promise.all(
      [1, 2].map((seed) => parts.ingest(yaml('twice', `training: {seed: ${seed}}\n`), data)),
    );
    expect(one?.span.span).toBe(two?.span.span);
    expect(await parts.metadata.listSpans('twice')).toHaveLength(1);
    expect([1, 2]).toContain((await readTask(parts.metadata, 'twice')).training.seed);
  });
});
