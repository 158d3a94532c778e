import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SteadyLoad } from '@adstocrat/campaigns';
import { testDatabase } from '@adstocrat/postgres';
import { topics } from '@adstocrat/schemas';
import { ask, numbers, type RunningProcess, ServingUnderTest, text } from '../serving-under-test.ts';

describe('several processes behind the same ports', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let subject: ServingUnderTest;
  let running: RunningProcess;

  beforeAll(async () => {
    database = await testDatabase();
    subject = await ServingUnderTest.open(database.url);
    running = await subject.startProcess({ SERVING_PROCESSES: '2' });
    await until(() => listening().length === 2);
  }, 600_000);
  afterAll(async () => {
    await subject.close();
    await database.drop();
  });

  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) await sleep(20);
  }

  /** Of the processes that answer, as their log says. */
  function listening(): readonly number[] {
    const said = running.log.filter(({ msg }) => msg === 'grpc server listens');
    const alive = (pid: number): boolean => existsSync(`/proc/${pid}`);
    return said.map(({ pid }) => Number(pid)).filter(alive);
  }

  it('replaces each by a new one under load without a failed request, and every answered row is told once', async () => {
    const before = listening();
    const load = new SteadyLoad([running]);
    const ids = ['before-1', 'before-2'];
    for (const id of ids) await ask(running, { price: numbers(10), prediction_id: text(id) });
    await load.more(60);
    running.child.kill('SIGHUP');
    await until(() => running.log.some(({ msg }) => msg === 'every process is a new one'));
    await load.more(60);
    const { answered, failures } = await load.stop();
    expect(failures).toEqual([]);
    const now = listening();
    expect(now).toHaveLength(2);
    expect(now.filter((pid) => before.includes(pid))).toEqual([]);
    // Those of a process whose work folder no other has now, too.
    const told = new Set<string>();
    await until(async () => {
      for await (const { event } of subject.bus.scan(topics.predictionMade)) told.add(event.predictionId);
      return told.size >= answered + ids.length;
    });
    expect(told.size).toBe(answered + ids.length);
    for (const id of ids) expect(told).toContain(id);
  }, 600_000);

  it('begins another where one is killed, and connections that none had accepted are answered', async () => {
    const before = listening();
    const [victim = 0] = before;
    process.kill(victim, 'SIGKILL');
    const asked = Array.from({ length: 20 }, async () => {
      const response = await fetch(`${running.rest}/v1/models/ads:predict`, {
        method: 'POST',
        headers: { connection: 'close' },
        body: '{"instances": [{"price": 10}]}',
      });
      return response.status;
    });
    expect(new Set(await Promise.all(asked))).toEqual(new Set([200]));
    await until(() => listening().length === 2 && !listening().includes(victim));
  }, 600_000);

  it('tells what all processes count, whichever is asked, each series with its process', async () => {
    const asks = Array.from({ length: 30 }, (_, n) =>
      fetch(`${running.rest}/v1/models/ads:predict`, {
        method: 'POST',
        headers: { connection: 'close' },
        body: JSON.stringify({ instances: [{ price: n }] }),
      }),
    );
    for (const response of asks) expect((await response).status).toBe(200);
    const scrape = async (): Promise<readonly string[]> => {
      const headers = { connection: 'close' };
      const text = await (await fetch(`${running.rest}/monitoring/prometheus/metrics`, { headers })).text();
      return text.split('\n').filter((line) => /^(# TYPE )?adstocrat_serving_rows_total[ {]/.test(line));
    };
    const [first, second] = [await scrape(), await scrape()];
    expect(second).toEqual(first);
    const [type, ...series] = first;
    expect(type).toBe('# TYPE adstocrat_serving_rows_total counter');
    const counts = series.map((line) => [/process="(\d)"/.exec(line)?.[1], Number(line.split(' ').at(-1))] as const);
    expect(new Set(counts.map(([process]) => process)).size).toBe(counts.length);
    // Those asked here, and of the spec before what its two processes have answered since.
    expect(counts.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThanOrEqual(30);
  }, 600_000);

  it('can be a server alone again, which starts from what the processes had, without database and store', async () => {
    await running.stop();
    const away = 'postgres://127.0.0.1:1/none';
    const alone = await subject.start({ DATABASE_URL: away, EVENT_BUS_URL: away, ARTIFACTS_URL: 'file:///nowhere' });
    expect((await ask(alone, { price: numbers(10) })).version).toBe(1);
    await alone.stop();
  }, 600_000);
});
