import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { claimWorkDir, scratchOf } from '@adstocrat/service-kit';
import { Home } from '../system/home.ts';
import { cleanWork } from './idle-work.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-idle-work-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('removes passing files that nobody holds, and nothing else of a work folder', async () => {
  const home = new Home(folder);
  const work = (...names: readonly string[]): string => home.path('work', ...names);
  const lock = await claimWorkDir(work('ingestion'));
  (await claimWorkDir(work('ingestion-2'))).release();
  (await claimWorkDir(work('serving-2'))).release();
  for (const name of ['ingestion', 'ingestion-2']) {
    mkdirSync(join(scratchOf(work(name)), 'shard-7', 'files'), { recursive: true });
    writeFileSync(join(scratchOf(work(name)), 'shard-7', 'files', 'rows.parquet'), 'x'.repeat(1000));
  }
  // What was not sent on yet.
  writeFileSync(work('serving-2', 'predictions.log'), 'a row');
  mkdirSync(work('predict'));
  const nowMs = Date.now();
  for (const [name, hours] of Object.entries({ 'batch-1.parquet': 25, 'batch-2.parquet': 1, 'notes.txt': 50 })) {
    writeFileSync(work('predict', name), 'x'.repeat(10));
    utimesSync(work('predict', name), nowMs / 1000, nowMs / 1000 - 3600 * hours);
  }

  const dry = cleanWork(home, true, nowMs);
  expect(dry.going).toMatchObject([
    { name: 'work/ingestion-2', bytes: 1000, why: 'left by a process that is gone' },
    { name: 'work/predict', bytes: 10, why: 'left by a command that ended more than a day ago' },
  ]);
  expect(dry.staying).toMatchObject([{ name: 'work/ingestion', bytes: 1000, why: 'a process works in it' }]);
  expect(dry.going[0]!.writtenAtMs).toBeGreaterThan(nowMs - 60_000);
  expect(existsSync(join(scratchOf(work('ingestion-2')), 'shard-7'))).toBe(true);

  expect(cleanWork(home, false, nowMs)).toEqual(dry);
  expect(existsSync(scratchOf(work('ingestion-2')))).toBe(false);
  expect(existsSync(join(scratchOf(work('ingestion')), 'shard-7', 'files', 'rows.parquet'))).toBe(true);
  expect(existsSync(work('serving-2', 'predictions.log'))).toBe(true);
  expect(readdirSync(work('predict'))).toEqual(['batch-2.parquet', 'notes.txt']);
  expect(cleanWork(home, false, nowMs).going).toEqual([]);
  lock.release();
  // The next start takes the folder as ever.
  (await claimWorkDir(work('ingestion-2'))).release();
});

it('removes what a clean that was killed had put aside, also beside a process that has the folder since', async () => {
  const home = new Home(join(folder, 'killed'));
  const path = home.path('work', 'ingestion-4');
  const lock = await claimWorkDir(path);
  for (const name of ['scratch', 'leaving-1']) {
    mkdirSync(join(path, name), { recursive: true });
    writeFileSync(join(path, name, 'rows.parquet'), 'x'.repeat(name === 'scratch' ? 10 : 1000));
  }
  for (const dryRun of [true, false]) {
    const { going, staying } = cleanWork(home, dryRun, Date.now());
    expect(going).toMatchObject([{ name: 'work/ingestion-4', bytes: 1000, why: 'left by a process that is gone' }]);
    expect(staying).toMatchObject([{ name: 'work/ingestion-4', bytes: 10, why: 'a process works in it' }]);
  }
  expect(readdirSync(path).filter((name) => name.startsWith('leaving-'))).toEqual([]);
  expect(readdirSync(scratchOf(path))).toEqual(['rows.parquet']);
  lock.release();
});

it('leaves what a link leads to, and says what it cannot look into', () => {
  const home = new Home(join(folder, 'linked'));
  const others = join(folder, 'photos');
  mkdirSync(others);
  writeFileSync(join(others, 'batch-1.parquet'), 'a photo');
  utimesSync(join(others, 'batch-1.parquet'), 1, 1);
  mkdirSync(home.path('work'), { recursive: true });
  symlinkSync(others, home.path('work', 'predict'));
  // Where a lock would be is a folder: nobody can take it.
  mkdirSync(join(scratchOf(home.path('work', 'ingestion-3')), 'rows'), { recursive: true });
  writeFileSync(join(scratchOf(home.path('work', 'ingestion-3')), 'rows', 'a'), 'x');
  rmSync(join(home.path('work', 'ingestion-3'), 'holder'), { recursive: true, force: true });
  mkdirSync(join(home.path('work', 'ingestion-3'), 'holder'));
  const { going, staying } = cleanWork(home, false, Date.now());
  expect(going).toEqual([]);
  expect(staying).toMatchObject([{ name: 'work/ingestion-3' }]);
  expect(staying[0]!.why).toMatch(/^it cannot be looked into: /u);
  expect(readdirSync(others)).toEqual(['batch-1.parquet']);
});

it('finds nothing in a home without work', () => {
  expect(cleanWork(new Home(join(folder, 'new')), false, Date.now())).toEqual({ going: [], staying: [] });
});
