import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FolderServer, FoldersUnderTest, model } from '../../models/folders/folders-under-test.ts';

const folders = new FoldersUnderTest();
let server: FolderServer;

beforeAll(async () => {
  const twice = model(
    [{ op: 'Add', inputs: ['x', 'x'], outputs: ['y'] }],
    [{ name: 'x', type: 'float', shape: ['N', 'L'] }],
    [{ name: 'y', type: 'float', shape: ['N', 'L'] }],
  );
  folders.put('twice', 1, twice);
  server = await folders.start({});
}, 120_000);
afterAll(async () => {
  await server.stop();
  folders.close();
});

async function post(path: string, body: unknown): Promise<{ readonly status: number; readonly json: unknown }> {
  const response = await fetch(`${server.rest}${path}`, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, json: await response.json() };
}

const infer = (shape: readonly number[], data: readonly number[]) =>
  post('/v2/models/twice/infer', { inputs: [{ name: 'x', shape, datatype: 'FP32', data }] });

it('answers a tensor of nothing in its shape, and none that has more rows than are answered at once', async () => {
  await expect.poll(async () => (await infer([1, 2], [1, 2])).status, { timeout: 60_000 }).toBe(200);
  expect(await infer([1000, 0], [])).toMatchObject({
    status: 200,
    json: { outputs: [{ shape: [1000, 0], data: [] }] },
  });
  expect(await infer([0, 1000], [])).toMatchObject({
    status: 200,
    json: { outputs: [{ shape: [0, 1000], data: [] }] },
  });
  // Of 10^15 rows of nothing 7,812,500,000,000 parts were made.
  for (const shape of [
    [1e15, 0],
    [0, 1e15],
    [2 ** 53 - 1, 0],
  ]) {
    const { status, json } = await infer(shape, []);
    expect([status, JSON.stringify(json)]).toEqual([400, expect.stringContaining('are answered at once')]);
  }
  expect(await infer([1, 2], [1, 2])).toMatchObject({ status: 200, json: { outputs: [{ data: [2, 4] }] } });
}, 120_000);
