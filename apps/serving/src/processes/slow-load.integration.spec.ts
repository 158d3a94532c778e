import { existsSync, readdirSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArtifactStore } from '@adstocrat/adapters';
import { type RunningFakeGcs, startFakeGcs } from '@adstocrat/fake-gcs';
import { FoldersUnderTest, times } from '../models/folders/folders-under-test.ts';

/** What is read of the model `slow` waits behind this. */
const gate = Promise.withResolvers<void>();
let reached = 0;
const subject = new FoldersUnderTest();
let bucket: RunningFakeGcs;
let stalled: ReturnType<typeof createServer>;

beforeAll(async () => {
  bucket = await startFakeGcs();
  await bucket.makeBucket('models');
  process.env['STORAGE_EMULATOR_HOST'] = bucket.url;
  const store = await openArtifactStore('gs://models');
  for (const name of ['quick', 'slow']) await store.create(`gs://models/${name}/1/model.onnx`, [times(2)]);
  stalled = createServer((asked, answer) => {
    const pass = (): void => {
      const { method, headers, url } = asked;
      asked.pipe(
        request(`${bucket.url}${url}`, { method, headers }, (got) => {
          answer.writeHead(got.statusCode ?? 500, got.headers);
          got.pipe(answer);
        }),
      );
    };
    if (!/slow.*alt=media/.test(asked.url ?? '')) return pass();
    reached += 1;
    void gate.promise.then(pass);
  });
  await new Promise<void>((resolve) => stalled.listen(0, '127.0.0.1', resolve));
  process.env['STORAGE_EMULATOR_HOST'] = `http://127.0.0.1:${(stalled.address() as AddressInfo).port}`;
}, 60_000);
afterAll(async () => {
  delete process.env['STORAGE_EMULATOR_HOST'];
  stalled.closeAllConnections();
  stalled.close();
  await bucket.stop();
  subject.close();
});

describe('a model that takes long to load', () => {
  it('keeps no unload over V2 waiting, neither of another model nor its own, and who loaded what is unloaded is told', async () => {
    const server = await subject.startProcess({ MODEL_FOLDERS: 'gs://models', SERVING_PROCESSES: '2' });
    const post = (path: string, signal?: AbortSignal): Promise<Response> =>
      fetch(`${server.rest}/v2/repository/models/${path}`, {
        method: 'POST',
        headers: { connection: 'close' },
        ...(signal && { signal }),
      });
    const ask = async (path: string): Promise<number> => (await post(path)).status;
    const state = async (model: string): Promise<number> =>
      (await fetch(`${server.rest}/v2/models/${model}/ready`, { headers: { connection: 'close' } })).status;
    // Both processes are at the slow one.
    await expect.poll(() => reached, { timeout: 60_000 }).toBe(2);
    await expect.poll(() => ask('quick/unload'), { timeout: 60_000 }).toBe(200);
    // Behind the other model's, where it has not begun.
    const behind = post('quick/load');
    await sleep(200);
    expect([await ask('quick/unload'), await state('quick')]).toEqual([200, 400]);
    const given = await behind;
    expect([given.status, await given.json()]).toEqual([
      409,
      { error: "failed to load 'quick', it was unloaded before that was done" },
    ]);
    const own = Array.from({ length: 12 }, () => ask('slow/load'));
    expect(await Promise.any(own)).toBe(429);
    // More than 8 wait, and the unload is done all the same; what has begun there goes on for nobody.
    expect([await ask('slow/unload'), await state('slow')]).toEqual([200, 400]);
    expect((await Promise.all(own)).toSorted()).toEqual([...Array<number>(8).fill(409), ...Array<number>(4).fill(429)]);
    // Who hangs up while it waits has said what is to be done.
    const hangsUp = new AbortController();
    const heard = Array.from({ length: 8 }, () => post('quick/load', hangsUp.signal).catch(() => 'hung up'));
    await sleep(200);
    hangsUp.abort();
    expect(await Promise.all(heard)).toEqual(Array<string>(8).fill('hung up'));
    expect([await ask('quick/load'), reached]).toEqual([429, 2]);
    gate.resolve();
    await expect.poll(() => state('quick'), { timeout: 60_000 }).toBe(200);
    expect(await state('slow')).toBe(400);
    // What came for nobody is removed.
    const folders = [1, 2].map((process) => join(subject.folder, 'work/processes', String(process), 'models/slow'));
    await expect.poll(() => folders.flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []))).toEqual([]);
    // Nothing of theirs is left: as many as before are heard.
    await expect
      .poll(() => Promise.all(Array.from({ length: 8 }, () => ask('quick/load'))), { timeout: 60_000 })
      .toEqual(Array<number>(8).fill(200));
    expect([await ask('slow/load'), await state('slow')]).toEqual([200, 200]);
    expect([await ask('slow/unload'), await state('slow')]).toEqual([200, 400]);
    server.child.kill('SIGTERM');
    await server.ended;
  }, 120_000);
});
