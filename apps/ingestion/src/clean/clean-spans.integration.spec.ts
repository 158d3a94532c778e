import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';
import { cleanSpans } from './clean-spans.ts';
import { removeSpanJob } from './remove-span-job.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-clean-'));
const all = { spans: 0, days: 0, bytes: 1 };
let database: TestDatabase;
let [one, two]: IngestionParts[] = [];

/** A drop of so many rows. */
function write(rows: number): void {
  const lines = Array.from({ length: rows }, (_, row) => `${row % 7},${row % 3 === 0 ? 1 : 0}`);
  mkdirSync(join(folder, String(rows)));
  writeFileSync(join(folder, String(rows), 'log.csv'), `x,y\n${lines.join('\n')}\n`);
}

async function ingest(parts: IngestionParts, rows: number): Promise<number> {
  const yaml = 'name: t\ndata: {examples: ["*.csv"]}\nlabel: y\n';
  return (await parts.ingest(yaml, pathToFileURL(join(folder, String(rows))).href)).span.span;
}

beforeAll(async () => {
  database = await testDatabase();
  one = await ingestionParts(database.url, folder);
  two = await ingestionParts(database.url, folder, { instance: 1 });
  one.work();
  two.work();
  for (const rows of [200, 300, 400, 450, 500]) {
    write(rows);
    await ingest(one, rows);
  }
});
afterAll(async () => {
  await one?.close();
  await two?.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('cleanSpans', () => {
  it('removes what nothing needs once, though two do it, with its files, and takes the data in again where it is asked for', async () => {
    const [a, b] = [one!, two!];
    const version = { model: 't', digest: '', blessed: true, reasons: [], updatedAtMs: 0, uri: 'none' };
    await a.metadata.addVersion({ ...version, version: 1, runId: 'r1', spans: [1], state: 'superseded' });
    await a.metadata.addVersion({ ...version, version: 2, runId: 'r2', spans: [2], state: 'deployed' });
    const running = { task: 't', spans: [3], retrainId: '', taskYaml: 'x' };
    const train = { name: 'train', parse: (payload: unknown) => payload };
    await a.jobs.request({ kind: train, key: 'r3', payload: running, by: 'a test' });
    const studied = { id: 's4', task: 't', spans: [4], digests: [''], taskYaml: '', sampler: 'tpe' };
    await a.metadata.putStudy({ ...studied, epochs: 9, seed: 1, trials: 2, madeAtMs: 0, askedAtMs: 0 });
    const tune = { name: 'tune', parse: (payload: unknown) => payload };
    await a.jobs.request({ kind: tune, key: 's4/1', payload: { study: 's4', trial: 1 }, by: 'a test' });
    const before = await a.metadata.listSpans('t');
    expect(before.map(({ span }) => span)).toEqual([1, 2, 3, 4, 5]);

    const dry = await cleanSpans(a, { keeping: all, dryRun: true });
    expect(dry.going.map(({ record, bytes }) => [record.span, bytes > 1000])).toEqual([[1, true]]);
    expect(dry.staying.map(({ record, why }) => [record.span, why])).toEqual([
      [2, 'version 2, which is deployed'],
      [3, 'run r3, which is in progress'],
      [4, 'study s4, which is in progress'],
      [5, 'the next model may be trained on it'],
    ]);
    expect(await a.metadata.listSpans('t')).toEqual(before);

    const done = await Promise.all([a, b].map((parts) => cleanSpans(parts, { keeping: all, dryRun: false })));
    expect(done.flatMap(({ going }) => going.map(({ record }) => record.span))).toEqual([1]);
    expect((await a.metadata.listSpans('t')).map(({ span }) => span)).toEqual([2, 3, 4, 5]);
    const files = async (): Promise<number> => (await Array.fromAsync(a.store.list(`${before[0]?.uri}/`))).length;
    await expect.poll(files, { timeout: 240_000 }).toBe(0);
    expect((await cleanSpans(b, { keeping: all, dryRun: false })).going).toEqual([]);
    // The same data has the same number, in a folder of its own.
    expect(await Promise.all([ingest(a, 200), ingest(b, 200)])).toEqual([1, 1]);
    expect((await a.metadata.getSpan('t', 1))?.uri).not.toBe(before[0]?.uri);
    expect((await a.jobs.get(removeSpanJob, before[0]?.uri ?? ''))?.state).toBe('succeeded');
  });
});
