import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, Metadata, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInference as v2 } from '@adstocrat/schemas';
import { type FolderProcess, FoldersUnderTest, times } from '../models/folders/folders-under-test.ts';

const folders = new FoldersUnderTest();
let server: FolderProcess;
beforeAll(async () => {
  folders.put('ctr', 1, times(2));
  server = await folders.startProcess({ SERVING_PROCESSES: '2' });
  await until(async () => listening().length === 2 && (await statuses()) === '200');
}, 120_000);
afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  folders.close();
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

/** Processes that answer, as their log says. */
function listening(): readonly number[] {
  const said = server.log.filter(({ msg }) => msg === 'rest server listens');
  return said.map(({ pid }) => pid).filter((pid) => existsSync(`/proc/${pid}`));
}

/** By a connection of its own, so that any process may take it. */
const ask = (path: string, body?: string): Promise<Response> =>
  fetch(`${server.rest}${path}`, {
    headers: { connection: 'close' },
    ...(body === undefined ? {} : { method: 'POST', body }),
  });

const row = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [1.5] }] });
const asks = 40;

/** Of many requests over connections of their own, at once: the kernel gives them to whoever is free. */
async function statuses(count = asks, model = 'ctr'): Promise<string> {
  const all = await Promise.all(Array.from({ length: count }, () => ask(`/v2/models/${model}/infer`, row)));
  return [...new Set(all.map(({ status }) => status))].join();
}

/** Requests that a process tells, as often as it is asked anew. */
async function told(times = 12): Promise<readonly number[]> {
  const counts = new Set<number>();
  for (let n = 0; n < times; n += 1) counts.add(successes(await (await ask('/v2/models/ctr/stats')).json()));
  return [...counts];
}

function successes(told: unknown): number {
  const { model_stats: stats } = told as {
    readonly model_stats: readonly { readonly inference_stats: { readonly success: { readonly count: string } } }[];
  };
  return Number(stats[0]?.inference_stats.success.count);
}

/** Processes that the supervisor has begun, of which some may not listen yet. One that is not yet its own program would hold it up. */
function begun(): readonly number[] {
  const { pid } = server.child;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  return children.filter((child) => environmentOf(child).includes('/processes/'));
}

/** Empty of one that has ended. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

/** A load over gRPC with a deadline: its code. */
async function load(withinMs: number): Promise<status | undefined> {
  const port = server.log.find(({ msg }) => msg === 'grpc server listens')?.port;
  const client = new v2.GRPCInferenceServiceClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const request = v2.RepositoryModelLoadRequest.create({ modelName: 'ctr' });
  try {
    return await new Promise((resolve) => {
      client.repositoryModelLoad(request, new Metadata(), { deadline: Date.now() + withinMs }, (error) =>
        resolve(error?.code),
      );
    });
  } finally {
    client.close();
  }
}

describe('processes behind one address, steered over V2', () => {
  it('tell no statistics while one has never told its own and does not answer', async () => {
    const [hung = 0] = listening();
    process.kill(hung, 'SIGSTOP');
    const response = await ask('/v2/models/ctr/stats');
    process.kill(hung, 'SIGCONT');
    expect([response.status, await response.json()]).toEqual([
      503,
      { error: 'a process of this server does not say what it counts: ask again' },
    ]);
  });

  it('tell the statistics of all of them, whichever is asked', async () => {
    const before = await told();
    expect(before).toHaveLength(1);
    expect(await statuses()).toBe('200');
    expect(await told()).toEqual([(before[0] ?? NaN) + asks]);
  });

  it('tell statistics that do not fall while one does not answer', async () => {
    const [before = NaN] = await told();
    const [hung = 0] = listening();
    process.kill(hung, 'SIGSTOP');
    const [meanwhile] = await told(1);
    process.kill(hung, 'SIGCONT');
    expect(meanwhile).toBe(before);
    expect(await statuses()).toBe('200');
    expect(await told()).toEqual([before + asks]);
  });

  it('have all unloaded or loaded a model once that is answered', async () => {
    for (let round = 0; round < 5; round += 1) {
      expect((await ask('/v2/repository/models/ctr/unload', '')).status).toBe(200);
      expect(await statuses()).toBe('404');
      expect((await ask('/v2/repository/models/ctr/load', '')).status).toBe(200);
      expect(await statuses()).toBe('200');
    }
  }, 60_000);

  it('keep a model out that some of them have not seen when it is unloaded', async () => {
    for (let round = 0; round < 8; round += 1) {
      const name = `late-${round}`;
      folders.put(name, 1, times(3));
      let status = 404;
      // The looks of the processes are not at the same time.
      while (status === 404) ({ status } = await ask(`/v2/repository/models/${name}/unload`, ''));
      expect(status).toBe(200);
      // Another that is put there later is in service, so that they have looked.
      folders.put(`after-${round}`, 1, times(3));
      await until(async () => (await statuses(asks, `after-${round}`)) === '200');
      expect(await statuses(asks, name)).toBe('404');
    }
  }, 60_000);

  it('say that there is no such model where none has it', async () => {
    const response = await ask('/v2/repository/models/nowhere/unload', '');
    expect([response.status, await response.json()]).toEqual([
      404,
      { error: "failed to unload 'nowhere', no such model in the repository" },
    ]);
  });

  it('keep a model unloaded, and what was counted, in a process that takes the place of one that was killed', async () => {
    const counted = await told();
    const [victim = 0] = listening();
    expect((await ask('/v2/repository/models/ctr/unload', '')).status).toBe(200);
    process.kill(victim, 'SIGKILL');
    await until(() => listening().length === 2 && !listening().includes(victim));
    for (let again = 0; again < 5; again += 1) expect(await statuses()).toBe('404');
    expect((await ask('/v2/repository/models/ctr/load', '')).status).toBe(200);
    expect(await told()).toEqual(counted);
    expect(await statuses()).toBe('200');
  }, 60_000);

  it('tell statistics that never fall and count nothing twice while one is killed and all are replaced', async () => {
    const [before = NaN] = await told();
    const falls: (readonly number[])[] = [];
    let isOver = false;
    const looks = (async (): Promise<void> => {
      for (let known = before; !isOver;) {
        const response = await ask('/v2/models/ctr/stats').catch(() => undefined);
        // One process may have just begun to listen, and have said nothing yet.
        if (response?.status !== 200) continue;
        const now = successes(await response.json());
        if (now < known) falls.push([known, now]);
        known = now;
      }
    })();
    let answered = 0;
    const asked = async (): Promise<void> => {
      const all = await Promise.all(Array.from({ length: asks }, () => ask('/v2/models/ctr/infer', row)));
      answered += all.filter(({ status }) => status === 200).length;
      // Nothing is lost with a process that has been asked since.
      await told(1);
    };
    await asked();
    const [victim = 0] = listening();
    process.kill(victim, 'SIGKILL');
    await until(() => listening().length === 2 && !listening().includes(victim));
    await asked();
    const both = listening();
    server.child.kill('SIGHUP');
    await until(() => listening().length === 2 && listening().every((pid) => !both.includes(pid)));
    await asked();
    isOver = true;
    await looks;
    expect(falls).toEqual([]);
    expect(answered).toBeGreaterThanOrEqual(2 * asks);
    expect(await told()).toEqual([before + answered]);
  }, 120_000);

  it('load nothing after the deadline of who asked for it, in a process that is late', async () => {
    expect((await ask('/v2/repository/models/ctr/unload', '')).status).toBe(200);
    const before = begun();
    const [victim = 0] = listening();
    process.kill(victim, 'SIGKILL');
    await until(() => begun().some((pid) => !before.includes(pid)));
    const [late = 0] = begun().filter((pid) => !before.includes(pid));
    process.kill(late, 'SIGSTOP');
    try {
      // The other one does it.
      expect([await load(3000), await statuses()]).toEqual([status.DEADLINE_EXCEEDED, '200']);
    } finally {
      process.kill(late, 'SIGCONT');
    }
    await until(() => listening().includes(late));
    await until(async () => (await statuses()).includes('404'));
    await sleep(1000);
    await until(async () => (await statuses()).includes('404'));
    // It does what it is asked in time.
    expect((await ask('/v2/repository/models/ctr/load', '')).status).toBe(200);
    for (let again = 0; again < 5; again += 1) expect(await statuses()).toBe('200');
  }, 60_000);
});
