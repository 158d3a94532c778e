import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openArtifactStore } from '@adstocrat/adapters';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { PersonalKeys } from '@adstocrat/service-kit';
import { type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';
import { batchJob } from './batch-job.ts';
import { findInput } from './find-input.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-batch-job-'));
const leaseMs = 1500;
const opening = { openStore: openArtifactStore, personalKeys: new PersonalKeys() };
const databases: TestDatabase[] = [];
const opened: IngestionParts[] = [];
const children: ChildProcess[] = [];
const taskYaml = 'name: slow\ndata: {examples: ["*.csv"]}\nlabel: y\n';
/** Large enough to be interrupted: a second or more of work. */
const dataUri = pathToFileURL(join(folder, 'data')).href;

beforeAll(() => {
  mkdirSync(join(folder, 'data'));
  const row = (index: number): string =>
    `${index},${index % 977},${(index * 7919) % 104_729},site-${index % 61},${Math.sin(index)},${index % 3 === 0 ? 1 : 0}`;
  const rows = Array.from({ length: 30_000 }, (_, index) => row(index));
  writeFileSync(join(folder, 'data', 'log.csv'), `id,a,b,site,x,y\n${rows.join('\n')}\n`);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(opened.splice(0).map((parts) => parts.close()));
  await Promise.all(databases.splice(0).map((database) => database.drop()));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function database(): Promise<string> {
  const made = await testDatabase();
  databases.push(made);
  return made.url;
}

async function parts(url: string, home: string, instance = 0): Promise<IngestionParts> {
  const made = await ingestionParts(url, join(folder, home), { instance, leaseMs });
  opened.push(made);
  return made;
}

async function key(): Promise<string> {
  return `slow/${(await findInput(opening, { taskYaml, dataUri })).inputDigest}`;
}

/** Until an attempt at the job says that it is at a step. */
async function atStep({ jobs }: IngestionParts, steps: readonly string[]): Promise<void> {
  for await (const job of jobs.watch(batchJob, await key(), AbortSignal.timeout(60_000)))
    if (job.progress !== undefined && steps.includes(job.progress.step)) return;
}

describe('a batch span as a job', () => {
  it('is taken over from a process that is killed, and is the very span that an undisturbed one makes', async () => {
    const [url, home] = [await database(), 'killed'];
    const [one, two] = [await parts(url, home, 1), await parts(url, home, 2)];
    const fixture = fileURLToPath(new URL('../testing/worker.fixture.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      ['--conditions=@adstocrat/source', fixture, url, join(folder, home), String(leaseMs)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    children.push(child);
    await once(child.stdout!, 'data');
    // Asked for by two at once, on two processes: one job.
    const asked = [one.ingest(taskYaml, dataUri), two.ingest(taskYaml, dataUri)];
    await atStep(one, ['scan', 'split', 'statistics', 'write']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    two.work();
    const [span, same] = (await Promise.all(asked)).map((answer) => answer.span);
    expect(same).toEqual(span);
    expect(await one.metadata.listSpans('slow')).toEqual([span]);
    expect((await one.jobs.get(batchJob, await key()))?.tries).toBeGreaterThan(1);
    const undisturbed = await parts(await database(), 'undisturbed');
    undisturbed.work();
    expect((await undisturbed.ingest(taskYaml, dataUri)).span.digest).toBe(span?.digest);
  });

  it('is cancelled with the last of those who wait for it, and leaves nothing', async () => {
    const one = await parts(await database(), 'cancelled');
    const [first, second] = [new AbortController(), new AbortController()];
    const asked = [first, second].map(({ signal }) => one.ingest(taskYaml, dataUri, signal));
    const outcomes = Promise.allSettled(asked);
    await expect
      .poll(async () => (await one.pool.query('SELECT FROM ingestion.watchers')).rowCount, { timeout: 240_000 })
      .toBe(2);
    one.work();
    await atStep(one, ['list', 'download', 'scan', 'split', 'statistics']);
    first.abort(new Error('gone'));
    await expect(asked[0]).rejects.toThrow('gone');
    expect((await one.jobs.get(batchJob, await key()))?.state).toBe('running');
    second.abort(new Error('gone'));
    await outcomes;
    expect(await one.jobs.get(batchJob, await key())).toMatchObject({ state: 'cancelled' });
    expect(await one.metadata.listSpans('slow')).toEqual([]);
    const { workDir } = one;
    await expect.poll(() => (existsSync(workDir) ? readdirSync(workDir) : []), { timeout: 240_000 }).toEqual([]);
    // Asked again it is done: nothing stands in the way.
    expect((await one.ingest(taskYaml, dataUri)).span.span).toBe(1);
  });

  it('stops where the disk takes no more, says so at once, and leaves nothing', async () => {
    const [url, home] = [await database(), 'full'];
    const one = await parts(url, home, 1);
    const fixture = fileURLToPath(new URL('../testing/worker.fixture.ts', import.meta.url));
    // No file of the process may grow beyond 64 blocks of 1,024 bytes.
    const child = spawn(
      'bash',
      ['-c', 'ulimit -S -f 64; exec "$@"', 'ingestion', process.execPath].concat([
        '--conditions=@adstocrat/source',
        fixture,
        url,
        join(folder, home),
        String(leaseMs),
      ]),
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    children.push(child);
    await once(child.stdout!, 'data');
    await expect(one.ingest(taskYaml, dataUri)).rejects.toThrow(
      /the data was not ingested: a disk is full.*nothing was/,
    );
    expect(await one.jobs.get(batchJob, await key())).toMatchObject({ state: 'failed', tries: 1 });
    expect(await one.metadata.listSpans('slow')).toEqual([]);
    expect(
      readdirSync(join(folder, home, `work-${child.pid}`), { recursive: true }).filter((name) =>
        /batch|csv/.test(String(name)),
      ),
    ).toEqual([]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    // Asked again, of one that has room, it is done.
    one.work();
    expect((await one.ingest(taskYaml, dataUri)).span.span).toBe(1);
  });

  it('that failed on bad data is tried anew when it is asked for again', async () => {
    const one = await parts(await database(), 'failed');
    one.work();
    const uri = pathToFileURL(join(folder, 'bad')).href;
    mkdirSync(join(folder, 'bad'));
    writeFileSync(join(folder, 'bad', 'a.csv'), 'n,y\n1,red\n2,blue\n');
    for (const time of ['first', 'second'])
      await expect(one.ingest(taskYaml, uri), time).rejects.toThrow(/label: column "y" holds "blue" and "red"/);
    const { jobs } = one;
    const { inputDigest } = await findInput(opening, { taskYaml, dataUri: uri });
    expect(await jobs.get(batchJob, `slow/${inputDigest}`)).toMatchObject({ state: 'failed', tries: 1 });
  });
});
