import { getEventListeners } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { tensorOf, TensorModel } from '@adstocrat/inference';
import { encodeOnnx, type OnnxGraph } from '@adstocrat/onnx';
import { InferenceSession } from 'onnxruntime-node';
import { writeTestServable } from '@adstocrat/inference/testing';
import { PersonalKeys } from '@adstocrat/service-kit';
import type { WantedVersion } from '../fetch-servable.ts';
import type { Brought } from './loading-job.ts';
import { LoadingThread } from './loading-thread.ts';
import { openBrought } from './open-brought.ts';

const work = mkdtempSync(join(tmpdir(), 'loading-'));
const workDir = join(work, 'work');
const places = { workDir, neighbours: [] };
const thread = new LoadingThread();
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A servable in the store whose rows of price 10 have the logit `bias`. */
async function written(version: number, bias: number): Promise<WantedVersion> {
  const folder = join(work, 'artifacts', String(version));
  const { digest } = await writeTestServable(folder, { version, bias });
  return { version, uri: pathToFileURL(folder).href, digest };
}

describe('LoadingThread', () => {
  it('fetches and checks servables with no session of this thread, which then opens one for each', async () => {
    const wanted = await Promise.all([1, 2, 3].map((version) => written(version, version)));
    const create = vi.spyOn(InferenceSession, 'create');
    const brought = await Promise.all(wanted.map((one) => thread.bring({ model: 'ads', wanted: one, places })));
    expect(create).not.toHaveBeenCalled();
    for (const [at, one] of brought.entries()) {
      const loaded = await openBrought(one, PersonalKeys.from({}));
      if (!('manifest' in loaded)) throw new Error('not a servable');
      const [score] = await loaded.score({ rows: 1, columns: new Map() });
      expect([loaded.manifest.modelVersion, score]).toEqual([at + 1, expect.closeTo(1 / (1 + Math.exp(-at - 1)), 6)]);
      await loaded.close();
    }
    expect(create).toHaveBeenCalledTimes(3);
  });

  it('removes folders of versions that are not kept', async () => {
    const wanted = await written(2, 2);
    await thread.keepOnly(workDir, 'ads', [wanted]);
    expect(readdirSync(join(workDir, 'models/ads'))).toEqual([`2-${wanted.digest.slice(0, 12)}`]);
  });

  it('says what is wrong with a version as whoever found it does, and goes on', async () => {
    const wanted = await written(7, 0);
    await expect(thread.bring({ model: 'ads', wanted: { ...wanted, digest: 'f'.repeat(64) }, places })).rejects.toThrow(
      expect.objectContaining({ name: 'DamagedArtifact' }),
    );
    await thread.bring({ model: 'ads', wanted, places });
    appendFileSync(join(workDir, 'models/ads', `7-${wanted.digest.slice(0, 12)}`, 'model.onnx'), ' ');
    await expect(thread.bring({ model: 'ads', wanted, places })).rejects.toThrow(
      /model\.onnx differs from the manifest/,
    );
    // A file where a folder should be.
    writeFileSync(join(work, 'file'), '');
    const nowhere = { workDir: join(work, 'file'), neighbours: [] };
    await expect(thread.bring({ model: 'ads', wanted, places: nowhere })).rejects.toMatchObject({ code: 'ENOTDIR' });
    await thread.keepOnly(workDir, 'ads', []);
    expect(existsSync(join(workDir, 'models/ads', '7'))).toBe(false);
  });

  it.each([
    ['Neg', ['in'], true],
    ['CumSum', ['in', 'axis'], false],
  ] as const)('tells of a plain model of %s whether calls on it share runs', async (op, inputs, sharesRuns) => {
    const brought = await broughtPlain(op, {
      nodes: [{ op, inputs, outputs: ['out'] }],
      constants: [{ name: 'axis', shape: [], data: BigInt64Array.of(0n) }],
      inputs: [{ name: 'in', ...vector }],
      outputs: [{ name: 'out', ...vector }],
    });
    expect(brought).toMatchObject({ sharesRuns });
  });

  it('brings a plain model, whose session is opened in this thread where it is not to live apart', async () => {
    const brought = await broughtPlain('small', table(10));
    const create = vi.spyOn(InferenceSession, 'create');
    // Whether it took little of a processor is for the check to say, which measures.
    const loaded = await openBrought({ ...brought, apart: false } as Brought, PersonalKeys.from({}));
    expect(create).toHaveBeenCalledTimes(1);
    await loaded.close();
  });

  it('brings a large plain model, which this thread opens no session of', async () => {
    const rows = 16_000_000;
    const brought = await broughtPlain('large', table(rows));
    // 64 MB take some 140 ms of a processor to open, whatever else it does meanwhile; 10 are long.
    expect(brought).toMatchObject({ apart: true });
    const create = vi.spyOn(InferenceSession, 'create');
    const loaded = await openBrought(brought, PersonalKeys.from({}));
    if (!(loaded instanceof TensorModel)) throw new Error('not a plain model');
    const answers = await Promise.all(
      [3, rows - 1].map((row) => loaded.run(new Map([['in', tensorOf('int64', [1], BigInt64Array.of(BigInt(row)))]]))),
    );
    expect(answers.map((one) => one.get('out')?.data)).toEqual([3, rows - 1].map((row) => Float32Array.of(row % 97)));
    await loaded.close();
    expect(create).not.toHaveBeenCalled();
  });

  it('fails what its thread was at when it ended, and has another one do what comes next', async () => {
    const ended = JSON.stringify(join(work, 'ended'));
    const ending = threadOf(`
      import { existsSync, writeFileSync } from 'node:fs';
      parentPort.on('message', () => {
        if (existsSync(${ended})) return parentPort.postMessage({ kept: true });
        writeFileSync(${ended}, '');
        process.exit(3);
      });`);
    const two = await Promise.allSettled([1, 2].map(() => ending.keepOnly(workDir, 'ads', [])));
    expect(two).toEqual([
      { status: 'rejected', reason: new Error('the thread that loads models ended') },
      { status: 'fulfilled', value: undefined },
    ]);
  });

  it('says of a version that there is no room for it, and brings the next', async () => {
    const small = new LoadingThread({ heapMb: 24 });
    const wanted = await written(8, 0);
    // A described servable whose objects take some 40 MB.
    const folder = join(work, 'artifacts', '8');
    const described = Array.from({ length: 400_000 }, (_, at) => `{"id":${at}}`).join();
    writeFileSync(
      join(folder, 'servable.json'),
      readFileSync(join(folder, 'servable.json'), 'utf8').replace('{', `{"more":[${described}],`),
    );
    await expect(small.bring({ model: 'ads', wanted, places })).rejects.toThrow(/no room/);
    await small.bring({ model: 'ads', wanted: await written(9, 1), places });
  });

  it('leaves nothing with the signal of what it has brought', async () => {
    const answering = threadOf(`parentPort.on('message', () => parentPort.postMessage({ brought: {} }));`);
    const { signal } = new AbortController();
    const wanted = await written(9, 1);
    for (let at = 0; at < 3; at += 1) await answering.bring({ model: 'ads', wanted, places }, signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('says what its thread ended with', async () => {
    const throwing = threadOf(`parentPort.on('message', () => { throw new RangeError('no memory left'); });`);
    await expect(throwing.keepOnly(workDir, 'ads', [])).rejects.toThrow(new RangeError('no memory left'));
  });
});

const vector = { type: 'float', shape: ['N'] } as const;

/** A row's value is its number, modulo 97. */
function table(rows: number): Omit<OnnxGraph, 'name'> {
  return {
    nodes: [{ op: 'Gather', inputs: ['table', 'in'], outputs: ['out'] }],
    constants: [{ name: 'table', shape: [rows], data: Float32Array.from({ length: rows }, (_, row) => row % 97) }],
    inputs: [{ name: 'in', type: 'int64', shape: ['N'] }],
    outputs: [{ name: 'out', ...vector }],
  };
}

/** Version 1 of a plain model, put into a folder and brought from there. */
async function broughtPlain(name: string, graph: Omit<OnnxGraph, 'name'>): Promise<Brought> {
  const base = join(work, name);
  const file = join(base, '1', 'model.onnx');
  mkdirSync(join(base, '1'), { recursive: true });
  writeFileSync(file, encodeOnnx({ name: 'graph', ...graph }));
  const info = await new LocalArtifactStore().stat(pathToFileURL(file).href);
  const found = { version: 1, digest: name, files: [Object.assign({ path: 'model.onnx' }, info)] };
  const from = { base: pathToFileURL(base).href, found };
  return thread.bring({ model: name, wanted: { version: 1, uri: '', digest: name }, places, from });
}

function threadOf(code: string): LoadingThread {
  const main = `import { parentPort } from 'node:worker_threads';${code}`;
  return new LoadingThread({ main: new URL(`data:text/javascript,${encodeURIComponent(main)}`) });
}
