import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeOnnx } from '@adstocrat/onnx';
import { DamagedServable } from './damaged-servable.ts';
import { tensorOf, type Tensors } from './element-tensor.ts';
import { SessionEnded, SessionThread } from './session-thread.ts';
import { RunFailed } from './run-failed.ts';

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
const bytesFile = join(folder, 'bytes.onnx');
writeFileSync(
  bytesFile,
  encodeOnnx({
    name: 'graph',
    nodes: [
      { op: 'Identity', inputs: ['bytes'], outputs: ['sameBytes'] },
      { op: 'Not', inputs: ['flags'], outputs: ['notFlags'] },
      { op: 'Identity', inputs: ['others'], outputs: ['sameOthers'] },
    ],
    constants: [],
    inputs: [
      { name: 'bytes', type: 'uint8', shape: ['N'] },
      { name: 'flags', type: 'bool', shape: ['N'] },
      { name: 'others', type: 'uint8', shape: ['M'] },
    ],
    outputs: [
      { name: 'sameBytes', type: 'uint8', shape: ['N'] },
      { name: 'notFlags', type: 'bool', shape: ['N'] },
      { name: 'sameOthers', type: 'uint8', shape: ['M'] },
    ],
  }),
);
const inputsOf = (data: Float32Array<ArrayBuffer>): Tensors =>
  new Map([['in', tensorOf('float32', [data.length], data)]]);

const mainOf = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);

describe('SessionThread', () => {
  it('leaves to its caller what it was given: a part of a request that others still read', async () => {
    const session = await SessionThread.open(file);
    const request = Float32Array.of(1, 2, 3, 4);
    const outputs = await session.run(inputsOf(request.subarray(1, 3)));
    expect(outputs.get('out')?.data).toEqual(Float32Array.of(-2, -3));
    expect(request).toEqual(Float32Array.of(1, 2, 3, 4));
    await session.close();
  });

  it.each([
    { why: 'a part of the pool that Buffers share', request: Buffer.from('\x01\x02\x03\x04') },
    { why: 'a request with memory of its own', request: Buffer.from(Uint8Array.of(1, 2, 3, 4).buffer) },
  ])('leaves to its caller bytes that are $why, two inputs of them', async ({ request }) => {
    const session = await SessionThread.open(bytesFile);
    const inputs: Tensors = new Map([
      ['bytes', tensorOf('uint8', [2], request.subarray(0, 2))],
      [
        'flags',
        tensorOf(
          'bool',
          [2],
          request.subarray(0, 2).map((byte) => byte % 2),
        ),
      ],
      ['others', tensorOf('uint8', [3], request.subarray(1))],
    ]);
    const outputs = await session.run(inputs);
    expect(outputs.get('sameBytes')?.data).toEqual(Uint8Array.of(1, 2));
    expect(outputs.get('notFlags')?.data).toEqual(Uint8Array.of(0, 1));
    expect(outputs.get('sameOthers')?.data).toEqual(Uint8Array.of(2, 3, 4));
    expect([...request]).toEqual([1, 2, 3, 4]);
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
    const session = await SessionThread.open(file, { main: mainOf(code) });
    const two = await Promise.allSettled([1, 2].map((one) => session.run(inputsOf(Float32Array.of(one)))));
    for (const one of two) expect(one).toMatchObject({ reason: expect.any(SessionEnded) as unknown });
    expect(two[0]).toMatchObject({ reason: { cause: { message: 'no memory left' } } });
    expect((await session.run(inputsOf(Float32Array.of(5)))).get('out')?.data).toEqual(Float32Array.of(-5));
    await session.close();
  });

  it.each([
    { why: 'does not begin another within a pause that grew', firstMs: 1e9, begun: 2 },
    { why: 'begins another once the pause is over', firstMs: 0, begun: 4 },
  ])('$why, where threads end one after the other', async ({ firstMs, begun }) => {
    const begins = join(folder, `begins-${begun}`);
    const main = mainOf(`
      import { appendFileSync } from 'node:fs';
      import { parentPort } from 'node:worker_threads';
      appendFileSync(${JSON.stringify(begins)}, '.');
      parentPort.postMessage({ inputs: [], outputs: [] });
      parentPort.on('message', () => { throw new RangeError('no memory left'); });`);
    const heard: unknown[] = [];
    const session = await SessionThread.open(file, {
      main,
      pauses: { firstMs, longestMs: 1e9, steadyMs: Infinity },
      onEnded: ({ cause }, pauseMs) => heard.push([(cause as Error).message, pauseMs]),
    });
    for (let run = 0; run < 4; run += 1)
      await expect(session.run(inputsOf(Float32Array.of(1)))).rejects.toThrow(SessionEnded);
    expect(readFileSync(begins, 'utf8')).toBe('.'.repeat(begun));
    expect(heard).toEqual([0, firstMs, 0, 0].slice(0, begun).map((pauseMs) => ['no memory left', pauseMs]));
    expect(session.trouble).toEqual(firstMs === 0 ? undefined : expect.stringMatching(/ended 2 times/));
    await session.close();
  });

  it('does not count the time in which a thread opens its model as lived', async () => {
    const main = mainOf(`
      import { parentPort } from 'node:worker_threads';
      await new Promise((resolve) => setTimeout(resolve, 1100));
      parentPort.postMessage({ inputs: [], outputs: [] });
      parentPort.on('message', () => { throw new RangeError('no memory left'); });`);
    const heard: number[] = [];
    const session = await SessionThread.open(file, {
      main,
      pauses: { firstMs: 1e9, longestMs: 1e9, steadyMs: 1000 },
      onEnded: (_, pauseMs) => heard.push(pauseMs),
    });
    for (let run = 0; run < 3; run += 1)
      await expect(session.run(inputsOf(Float32Array.of(1)))).rejects.toThrow(SessionEnded);
    expect(heard).toEqual([0, 1e9]);
  });

  it('says why a thread that is begun anew cannot open the model', async () => {
    const gone = join(folder, 'gone.onnx');
    copyFileSync(file, gone);
    // The first thread ends at its first run.
    const main = mainOf(`
      import { parentPort } from 'node:worker_threads';
      import { existsSync, rmSync } from 'node:fs';
      await import(${JSON.stringify(new URL('session-worker.ts', import.meta.url).href)});
      if (existsSync(${JSON.stringify(gone)})) {
        rmSync(${JSON.stringify(gone)});
        parentPort.on('message', () => process.exit(1));
      }`);
    const session = await SessionThread.open(gone, { main });
    await expect(session.run(inputsOf(Float32Array.of(1)))).rejects.toThrow(SessionEnded);
    await expect(session.run(inputsOf(Float32Array.of(1)))).rejects.toMatchObject({
      name: 'SessionEnded',
      cause: expect.any(DamagedServable) as unknown,
    });
  });

  it('says apart what the model does not take and what is wrong inside, and goes on after both', async () => {
    const session = await SessionThread.open(file);
    const values = Float32Array.of(1, 2);
    const square = session.run(new Map([['in', tensorOf('float32', [1, 2], values)]]));
    await expect(square).rejects.toBeInstanceOf(RunFailed);
    const short = session.run(new Map([['in', tensorOf('float32', [5], values)]]));
    await expect(short).rejects.toMatchObject({ name: 'Error', message: expect.stringContaining('size') as unknown });
    expect((await session.run(inputsOf(values))).get('out')?.data).toEqual(Float32Array.of(-1, -2));
    await session.close();
  });

  it('is closed once its thread has ended, of an error too', async () => {
    const code = `
      import { parentPort } from 'node:worker_threads';
      parentPort.postMessage({ inputs: [], outputs: [] });
      parentPort.on('message', () => { throw new Error('its memory cannot be freed'); });`;
    const session = await SessionThread.open(file, { main: mainOf(code) });
    await expect(session.close()).resolves.toBeUndefined();
  });
});
