import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
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
  it('keeps no other from being unloaded over V2, and its own unload comes after its load', async () => {
    const server = await subject.startProcess({ MODEL_FOLDERS: 'gs://models', SERVING_PROCESSES: '2' });
    const ask = async (path: string): Promise<number> =>
      (await fetch(`${server.rest}/v2/${path}`, { method: 'POST', headers: { connection: 'close' } })).status;
    const state = async (model: string): Promise<number> =>
      (await fetch(`${server.rest}/v2/models/${model}/ready`, { headers: { connection: 'close' } })).status;
    // Both processes are at the slow one.
    await expect.poll(() => reached, { timeout: 60_000 }).toBe(2);
    await expect.poll(() => ask('repository/models/quick/unload'), { timeout: 60_000 }).toBe(200);
    let isLoaded = false;
    const load = ask('repository/models/slow/load').finally(() => (isLoaded = true));
    expect(await ask('repository/models/quick/unload')).toBe(200);
    expect([isLoaded, await state('quick')]).toEqual([false, 400]);
    const more = Array.from({ length: 12 }, () => ask('repository/models/slow/load'));
    const refused = await Promise.race([Promise.any(more), Promise.all(more)]);
    expect([isLoaded, refused]).toEqual([false, 429]);
    gate.resolve();
    expect(await load).toBe(200);
    expect((await Promise.all(more)).toSorted()).toEqual([
      ...Array<number>(7).fill(200),
      ...Array<number>(5).fill(429),
    ]);
    expect([await ask('repository/models/slow/unload'), await state('slow')]).toEqual([200, 400]);
    server.child.kill('SIGTERM');
    await server.ended;
  }, 120_000);
});
