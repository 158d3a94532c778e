import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FolderServer, FoldersUnderTest, model } from '../../models/folders/folders-under-test.ts';

const [rows, width, layers] = [128, 1024, 12];
const targetMs = 400;
const folders = new FoldersUnderTest();
let server: FolderServer;

/** Layers of one matrix, which makes of each row itself. */
function deep(): Uint8Array {
  const identity = Float32Array.from({ length: width * width }, (_, at) => (at % (width + 1) === 0 ? 1 : 0));
  const name = (layer: number): string => (layer === 0 ? 'x' : layer === layers ? 'y' : `h${layer}`);
  return model(
    Array.from({ length: layers }, (_, at) => ({ op: 'MatMul', inputs: [name(at), 'w'], outputs: [name(at + 1)] })),
    [{ name: 'x', type: 'float', shape: ['N', width] }],
    [{ name: 'y', type: 'float', shape: ['N', width] }],
    [{ name: 'w', shape: [width, width], data: identity }],
  );
}

beforeAll(async () => {
  folders.put('deep', 1, deep());
  server = await folders.start({ TARGET_P99_MS: String(targetMs) });
}, 120_000);
afterAll(async () => {
  await server.stop();
  folders.close();
});

/** A run's rows, 512 KiB. */
async function ask(): Promise<Response> {
  const header = JSON.stringify({
    inputs: [{ name: 'x', shape: [rows, width], datatype: 'FP32', parameters: { binary_data_size: rows * width * 4 } }],
    outputs: [{ name: 'y', parameters: { binary_data: true } }],
  });
  const values = Buffer.from(new Float32Array(rows * width).fill(2).buffer);
  const response = await fetch(`${server.rest}/v2/models/deep/infer`, {
    method: 'POST',
    headers: { 'Inference-Header-Content-Length': String(header.length) },
    body: Buffer.concat([Buffer.from(header), values]),
  });
  await response.clone().arrayBuffer();
  return response;
}

describe('large calls of a plain model, more of them than it answers in time', () => {
  it('are refused as soon as those before them take longer than the target, and taken again after that', async () => {
    await expect.poll(async () => (await ask()).status, { timeout: 60_000 }).toBe(200);
    const all = await Promise.all(Array.from({ length: 60 }, ask));
    const refused = all.filter(({ status }) => status === 429);
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200, 429]));
    expect(refused.map(({ headers }) => headers.get('retry-after'))).toEqual(refused.map(() => '1'));
    expect(await refused[0]?.json()).toEqual({
      error: `what is in progress would keep a request for more than ${targetMs} ms: ask again later, or another server`,
    });
    expect((await ask()).status).toBe(200);
  }, 120_000);
});
