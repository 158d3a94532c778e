import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresEventBus } from '@adstocrat/event-bus-postgres';
import { type RunningPostgres, startPostgres } from '@adstocrat/postgres';
import { topics } from '@adstocrat/schemas';
import { ask, numbers, type RunningProcess, ServingUnderTest, text } from './serving-under-test.ts';

const grace = { SHUTDOWN_GRACE_MS: '2000' };

/** The server and its backends, which are sessions of their own. */
function processesOf(postgres: RunningPostgres): readonly number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => parentOf(pid) === postgres.pid)
    .map(Number);
  return [postgres.pid, ...children];
}

function parentOf(pid: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
  } catch {
    return NaN;
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // A backend that has ended meanwhile.
    }
  }
}

describe('serving while PostgreSQL is restarted, killed and hangs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'serving-restarts-'));
  chmodSync(folder, 0o755);
  const dataDir = join(folder, 'postgres');
  let postgres: RunningPostgres;
  let subject: ServingUnderTest;
  let running: RunningProcess;

  beforeAll(async () => {
    postgres = await startPostgres({ dataDir });
    subject = await ServingUnderTest.open(postgres.url);
    running = await subject.startProcess(grace);
  });
  afterAll(async () => {
    await subject.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers all that is asked, and every answered row is told once', async () => {
    const { port } = postgres;
    const asked: Promise<string>[] = [];
    const load = setInterval(() => {
      const id = `p-${asked.length}`;
      asked.push(ask(running, { price: numbers(10), prediction_id: text(id) }).then(() => id));
    }, 10);
    const outages: readonly (() => Promise<void>)[] = [
      () => postgres.stop(),
      () => postgres.kill(),
      async () => {
        const pids = processesOf(postgres);
        signalAll(pids, 'SIGSTOP');
        await sleep(2500);
        signalAll(pids, 'SIGCONT');
      },
    ];
    for (const outage of outages) {
      await sleep(400);
      await outage();
      await sleep(400);
      if ((await Promise.race([postgres.ended, 'it runs'])) !== 'it runs')
        postgres = await startPostgres({ dataDir, port });
    }
    await sleep(400);
    clearInterval(load);
    // One that failed would reject here.
    const answered = await Promise.all(asked);
    expect(answered.length).toBeGreaterThan(200);
    const bus = new PostgresEventBus({ url: postgres.url });
    let told: readonly string[] = [];
    for (const end = Date.now() + 240_000; new Set(told).size < answered.length && Date.now() < end; await sleep(100)) {
      const found: string[] = [];
      for await (const { event } of bus.scan(topics.predictionMade)) found.push(event.predictionId);
      told = found;
    }
    await bus.close();
    expect(told.toSorted()).toEqual(answered.toSorted());
    expect(running.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  }, 600_000);

  it('starts, answers and stops within its grace while PostgreSQL hangs', async () => {
    const pids = processesOf(postgres);
    signalAll(pids, 'SIGSTOP');
    try {
      // The folder of the server before it: what it served is what this one serves.
      await running.stop();
      const begunMs = Date.now();
      const second = await subject.startProcess(grace);
      expect((await ask(second, { price: numbers(10) })).version).toBe(1);
      const stoppingMs = Date.now();
      await second.stop();
      // Bounds against what hangs, not a measure.
      expect(Date.now() - stoppingMs).toBeLessThan(10_000);
      expect(stoppingMs - begunMs).toBeLessThan(30_000);
    } finally {
      signalAll(pids, 'SIGCONT');
    }
  }, 600_000);
});
