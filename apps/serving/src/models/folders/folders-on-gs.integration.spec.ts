import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArtifactStore } from '@adstocrat/adapters';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import { type RunningFakeGcs, startFakeGcs } from '@adstocrat/fake-gcs';
import { type FolderServer, FoldersUnderTest, times } from './folders-under-test.ts';

const soon = { timeout: 240_000, interval: 20 };

describe('models below a prefix of a bucket', () => {
  const subject = new FoldersUnderTest();
  const root = 'gs://models/some/prefix';
  let bucket: RunningFakeGcs;
  let store: ArtifactStore;
  let server: FolderServer;
  beforeAll(async () => {
    bucket = await startFakeGcs();
    await bucket.makeBucket('models');
    process.env['STORAGE_EMULATOR_HOST'] = bucket.url;
    store = await openArtifactStore(root);
    await store.create(`${root}/m/1/model.onnx`, [times(1)]);
    await store.create('gs://models/some/prefix-beside/other/1/model.onnx', [times(666)]);
    // What a console makes of a folder, and names that only a bucket knows.
    await store.create(`${root}/empty/3/`, [new Uint8Array(0)]);
    await store.create(`${root}/leaves/1/model.onnx`, [times(1)]);
    await store.create(`${root}/leaves/1/../../../../away.onnx`, [times(666)]);
    server = await subject.start({ MODEL_FOLDERS: root });
  });
  afterAll(async () => {
    await server.stop();
    delete process.env['STORAGE_EMULATOR_HOST'];
    await bucket.stop();
    subject.close();
  });

  const factor = async (model = 'm'): Promise<number> => {
    const body = '{"instances": [1]}';
    const response = await fetch(`${server.rest}/v1/models/${model}:predict`, { method: 'POST', body });
    return response.ok ? ((await response.json()) as { predictions: number[] }).predictions[0]! : response.status;
  };

  it('come and go as those of a folder do', async () => {
    // A start goes on without what takes long to load.
    await expect.poll(() => factor(), soon).toBe(1);
    await store.create(`${root}/m/2/model.onnx`, [times(2)]);
    await expect.poll(() => factor(), soon).toBe(2);
    await store.remove(`${root}/m/2/model.onnx`);
    await expect.poll(() => factor(), soon).toBe(1);
    await store.remove(`${root}/m/1/model.onnx`);
    await expect.poll(() => factor(), soon).toBe(404);
  });

  it('are not those of a prefix that begins alike, and their files lie in no other folder', async () => {
    expect([await factor('other'), await factor('empty'), await factor('leaves')]).toEqual([404, 404, 404]);
    const index = (await (await fetch(`${server.rest}/v2/repository/index`, { method: 'POST' })).json()) as object[];
    expect(index).toContainEqual(
      expect.objectContaining({ name: 'leaves', reason: '"../../../../away.onnx" is no path in its folder' }),
    );
  });

  it('answer on while the bucket is away', async () => {
    await store.create(`${root}/m/5/model.onnx`, [times(5)]);
    await expect.poll(() => factor(), soon).toBe(5);
    await bucket.stop();
    await expect
      .poll(() => server.log.some(({ msg }) => /models cannot be looked for/.test(String(msg))), soon)
      .toBe(true);
    expect(await factor()).toBe(5);
  });
});
