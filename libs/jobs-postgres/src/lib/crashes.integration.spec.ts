import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type JobKind, type JobRecord, LeaseLost } from '@adstocrat/jobs';
import { type RunningPostgres, startPostgres } from '@adstocrat/postgres';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PostgresJobs } from './postgres-jobs.ts';
import type { JobsSettings } from './settings.ts';

const leaseMs = 1200;
const fixture = fileURLToPath(new URL('worker.fixture.ts', import.meta.url));

describe('jobs whose process or database dies', () => {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-jobs-'));
  chmodSync(folder, 0o755);
  const dataDir = join(folder, 'data');
  const children: ChildProcess[] = [];
  let server: RunningPostgres;
  let opened: PostgresJobs[] = [];
  beforeAll(async () => {
    server = await startPostgres({ dataDir });
    await instance().migrate();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await Promise.all(opened.map((jobs) => jobs.close()));
    opened = [];
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function instance(settings: JobsSettings = {}): PostgresJobs {
    const jobs = PostgresJobs.open(server.url, { leaseMs, pollMs: 30, firstPauseMs: 20, ...settings });
    opened.push(jobs);
    return jobs;
  }

  /** Another process that has begun the job `k` of this kind. */
  async function holder(
    kind: JobKind<unknown>,
    settings: { readonly leaseMs?: number; readonly owner?: string; readonly advances?: boolean } = {},
  ): Promise<{ readonly child: ChildProcess; readonly lines: Interface }> {
    await opened[0]?.request({ kind, key: 'k', payload: {}, by: 'a test' });
    const child = spawn(
      process.execPath,
      [
        '--conditions=@adstocrat/source',
        fixture,
        server.url,
        String(settings.leaseMs ?? leaseMs),
        kind.name,
        settings.owner ?? '',
        settings.advances === true ? 'advances' : '',
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    children.push(child);
    const lines = createInterface({ input: child.stdout! });
    expect(await once(lines, 'line')).toEqual(['begun']);
    return { child, lines };
  }

  async function ended(jobs: PostgresJobs, kind: JobKind<unknown>): Promise<JobRecord | undefined> {
    let last: JobRecord | undefined;
    for await (const job of jobs.watch(kind, 'k', AbortSignal.timeout(20_000))) last = job;
    return last;
  }

  it('takes over from a process that was killed', async () => {
    const kind: JobKind<unknown> = { name: 'killed', parse: () => undefined };
    const jobs = instance();
    const { child } = await holder(kind);
    const first = await jobs.get(kind, 'k');
    child.kill('SIGKILL');
    jobs.work(kind, { concurrency: 1 }, (job) => job.finish(() => Promise.resolve(job.attempt)));
    const last = await ended(jobs, kind);
    expect(last).toMatchObject({ state: 'succeeded', tries: 2 });
    expect(last?.result).toBeGreaterThan(first?.attempt ?? 0);
  });

  it('takes over from a process that was killed before the clock was set back by an hour', async () => {
    const kind: JobKind<unknown> = { name: 'set-back', parse: () => undefined };
    const jobs = instance();
    const { child } = await holder(kind);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const pool = openPool(server.url);
    await pool.query(`UPDATE jobs.jobs SET lease_until = lease_until + interval '1 hour' WHERE kind = $1`, [kind.name]);
    await closePool(pool);
    jobs.work(kind, { concurrency: 1 }, () => Promise.resolve());
    expect(await ended(jobs, kind)).toMatchObject({ state: 'succeeded', tries: 2 });
  });

  it('takes over at once what the process before it left that had its name', async () => {
    const kind: JobKind<unknown> = { name: 'restarted', parse: () => undefined };
    const lock = { leaseMs: 600_000, owner: 'who holds the folder' };
    instance();
    const { child } = await holder(kind, lock);
    child.kill('SIGKILL');
    const jobs = instance(lock);
    jobs.work(kind, { concurrency: 1 }, () => Promise.resolve());
    expect(await ended(jobs, kind)).toMatchObject({ state: 'succeeded', tries: 2 });
  });

  it('fails a job whose process goes away each time', async () => {
    const kind: JobKind<unknown> = { name: 'deadly', parse: () => undefined };
    const lock = { owner: 'one after the other', maxLosses: 1 };
    const jobs = instance(lock);
    for (let killed = 0; killed < 2; killed += 1) (await holder(kind, lock)).child.kill('SIGKILL');
    jobs.work(kind, { concurrency: 1 }, () => Promise.resolve());
    const reason = 'the process that did it went away 2 times in a row';
    expect(await ended(jobs, kind)).toMatchObject({ state: 'failed', reason });
  });

  it('goes on with a job whose processes go away, but advance', async () => {
    const kind: JobKind<unknown> = { name: 'slow', parse: () => undefined };
    const lock = { owner: 'one after the other', maxLosses: 1 };
    const jobs = instance(lock);
    for (const advances of [false, true]) (await holder(kind, { ...lock, advances })).child.kill('SIGKILL');
    jobs.work(kind, { concurrency: 1 }, () => Promise.resolve());
    expect(await ended(jobs, kind)).toMatchObject({ state: 'succeeded', tries: 3 });
  });

  it('lets a process that slept through its lease record nothing', async () => {
    const kind: JobKind<unknown> = { name: 'asleep', parse: () => undefined };
    const jobs = instance();
    const { child, lines } = await holder(kind);
    child.kill('SIGSTOP');
    jobs.work(kind, { concurrency: 1 }, (job) => job.finish(() => Promise.resolve('the other')));
    expect(await ended(jobs, kind)).toMatchObject({ state: 'succeeded', result: 'the other' });
    const outcome = once(lines, 'line');
    child.kill('SIGUSR1');
    child.kill('SIGCONT');
    expect(await outcome).toEqual([LeaseLost.name]);
    expect(await jobs.get(kind, 'k')).toMatchObject({ result: 'the other', tries: 2 });
  });

  it('stops working while the database hangs and a job is in progress', async () => {
    const kind: JobKind<unknown> = { name: 'hanging', parse: () => undefined };
    const jobs = instance();
    const begun = Promise.withResolvers<void>();
    const worker = jobs.work(kind, { concurrency: 1 }, () => {
      begun.resolve();
      return new Promise(() => undefined);
    });
    await jobs.request({ kind, key: 'k', payload: {}, by: 'a test' });
    await begun.promise;
    const backends = execFileSync('pgrep', ['-P', String(server.pid)], { encoding: 'utf8' })
      .trim()
      .split('\n');
    execFileSync('kill', ['-STOP', ...backends]);
    try {
      await worker.stop();
    } finally {
      execFileSync('kill', ['-CONT', ...backends]);
    }
    const other = instance();
    other.work(kind, { concurrency: 1 }, (job) => job.finish(() => Promise.resolve('the other')));
    expect(await ended(other, kind)).toMatchObject({ state: 'succeeded', result: 'the other' });
  });

  it('keeps an attempt through a restart of the database, and its end waits for it', async () => {
    const kind: JobKind<unknown> = { name: 'outage', parse: () => undefined };
    const lease = { leaseMs: 2000, heartbeatMs: 100 };
    const [jobs, other] = [instance(lease), instance(lease)];
    const begun = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    jobs.work(kind, { concurrency: 1 }, async (job) => {
      begun.resolve();
      await released.promise;
      await job.finish(() => Promise.resolve(`attempt ${job.tries}`));
    });
    await jobs.request({ kind, key: 'k', payload: {}, by: 'a test' });
    await begun.promise;
    other.work(kind, { concurrency: 1 }, (job) => job.finish(() => Promise.resolve('the other')));
    await server.kill();
    // Longer than the lease: by the clock anyone could take the job when the database is back, and has the time to.
    await new Promise((resolve) => setTimeout(resolve, 1.2 * lease.leaseMs));
    server = await startPostgres({ dataDir, port: server.port });
    await new Promise((resolve) => setTimeout(resolve, lease.leaseMs));
    // Its end waits for the database, too.
    await server.kill();
    released.resolve();
    server = await startPostgres({ dataDir, port: server.port });
    expect(await ended(other, kind)).toMatchObject({ state: 'succeeded', result: 'attempt 1', tries: 1 });
  });
});
