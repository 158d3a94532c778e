import { writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TensorModel } from '@adstocrat/inference';
import { times } from './folders/folders-under-test.ts';
import { ServedModel } from './served-model.ts';

describe('ServedModel', () => {
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
