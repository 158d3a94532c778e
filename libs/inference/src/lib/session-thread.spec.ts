import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeOnnx } from '@adstocrat/onnx';
import { tensorOf, type Tensors } from './element-tensor.ts';
import { SessionEnded, SessionThread } from './session-thread.ts';

const folder = mkdtempSync(join(tmpdir(), 'session-thread-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const vector = { type: 'float', shape: ['N'] } as const;
const file = join(folder, 'model.onnx');
writeFileSync(
  file,
  encodeOnnx({
    name: 'graph',
    nodes: [{ op: 'Neg', inputs: ['in'], outputs: ['out'] }],
    constants: [],
    inputs: [{ name: 'in', ...vector }],
    outputs: [{ name: 'out', ...vector }],
  }),
);
const inputsOf = (data: Float32Array<ArrayBuffer>): Tensors =>
  new Map([['in', tensorOf('float32', [data.length], data)]]);

describe('SessionThread', () => {
  it('leaves to its caller what it was given: a part of a request that others still read', async () => {
    const session = await SessionThread.open(file);
    const request = Float32Array.of(1, 2, 3, 4);
    const outputs = await session.run(inputsOf(request.subarray(1, 3)));
    expect(outputs.get('out')?.data).toEqual(Float32Array.of(-2, -3));
    expect(request).toEqual(Float32Array.of(1, 2, 3, 4));
    await session.close();
  });

  it('fails the runs that its thread was at when it ended, and has another one make the next', async () => {
    const began = join(folder, 'began');
    // A thread that ends at its first run, and the second time is as it should be.
    const code = `
      import { existsSync, writeFileSync } from 'node:fs';
      import { parentPort } from 'node:worker_threads';
      if (existsSync(${JSON.stringify(began)})) await import(${JSON.stringify(new URL('session-worker.ts', import.meta.url).href)});
      else {
        writeFileSync(${JSON.stringify(began)}, '');
        parentPort.postMessage({ inputs: [], outputs: [] });
        parentPort.on('message', () => { throw new RangeError('no memory left'); });
      }`;
    const session = await SessionThread.open(file, new URL(`data:text/javascript,${encodeURIComponent(code)}`));
    const two = await Promise.allSettled([1, 2].map((one) => session.run(inputsOf(Float32Array.of(one)))));
    for (const one of two) expect(one).toMatchObject({ reason: expect.any(SessionEnded) as unknown });
    expect(two[0]).toMatchObject({ reason: { cause: { message: 'no memory left' } } });
    expect((await session.run(inputsOf(Float32Array.of(5)))).get('out')?.data).toEqual(Float32Array.of(-5));
    await session.close();
  });
});
