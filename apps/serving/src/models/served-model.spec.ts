import { writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SessionEnded, TensorModel } from '@adstocrat/inference';
import { times } from './folders/folders-under-test.ts';
import { ModelViews } from '../open-inference/model-views.ts';
import { ModelTable } from './model-table.ts';
import { ServedModel } from './served-model.ts';

describe('ServedModel', () => {
  it('says that a version whose thread ends again and again answers nothing for a while', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'served-model-'));
    const file = join(folder.path, 'model.onnx');
    writeFileSync(file, times(2));
    const ends = `
      import { parentPort } from 'node:worker_threads';
      parentPort.postMessage({ inputs: [], outputs: [] });
      parentPort.on('message', () => process.exit(1));`;
    const models = new ModelTable();
    const model = models.open('ending');
    const loaded = await TensorModel.openApart(file, {
      main: new URL(`data:text/javascript,${encodeURIComponent(ends)}`),
      pauses: { firstMs: 1e9, longestMs: 1e9, steadyMs: Infinity },
    });
    model.put(1, loaded);
    model.routing = { labels: {}, split: [{ version: 1, basisPoints: 10_000 }] };
    const service = { limits: { rows: 1 } } as ConstructorParameters<typeof ModelViews>[0]['service'];
    const views = new ModelViews({ models, service });
    const seen = (): unknown => [
      model.states()[0]?.error,
      model.answers,
      views.ready('ending', ''),
      views.ready('ending', '1'),
    ];
    expect(seen()).toEqual(['', true, true, true]);
    for (let run = 0; run < 2; run += 1) await expect(loaded.run(new Map())).rejects.toThrow(SessionEnded);
    expect(seen()).toEqual([expect.stringContaining('ended 2 times one after the other'), false, false, false]);
    expect(model.states()).toMatchObject([{ version: 1, state: 'available' }]);
    await model.unload(1);
  });

  it('ends a version that cannot be freed, after the last call on it too, and says why', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'served-model-'));
    const file = join(folder.path, 'model.onnx');
    writeFileSync(file, times(2));
    const model = new ServedModel('small');
    for (const version of [1, 2]) {
      const loaded = await TensorModel.open(file);
      model.put(version, loaded);
      // The engine frees a session once.
      await loaded.close();
    }
    const lease = model.lease(2);
    await model.unload(1);
    await model.unload(2);
    expect(model.stateOf(2)).toBe('unloading');
    lease?.release();
    const error = expect.stringContaining('could not be freed') as unknown;
    await expect.poll(() => model.states()).toEqual([1, 2].map((version) => ({ version, state: 'end', error })));
  });
});
