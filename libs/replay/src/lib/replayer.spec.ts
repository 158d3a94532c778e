import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { writeTestServable } from '@adstocrat/inference/testing';
import type { VersionRecord } from '@adstocrat/metadata';
import { events } from '@adstocrat/schemas';
import { StoredImages } from '@adstocrat/stored-images';
import { Replayer } from './replayer.ts';

const folder = mkdtempSync(join(tmpdir(), 'replayer-'));
const artifactsUrl = pathToFileURL(folder).href;
const workDir = join(folder, 'work');
const digests = new Map<number, string>();
/** Version 4's files were removed on 2026-01-31. */
const removed = (version: number) => (version === 4 ? { removedAtMs: Date.UTC(2026, 0, 31, 12) } : {});
const versions = {
  getVersion: (model: string, version: number): Promise<VersionRecord | undefined> => {
    const digest = digests.get(version);
    return Promise.resolve(
      digest === undefined
        ? undefined
        : ({ model, version, uri: `${artifactsUrl}/${version}`, digest, ...removed(version) } as VersionRecord),
    );
  },
};
const store = new LocalArtifactStore();
const registry = { find: () => Promise.resolve(new Map()) };
const images = new StoredImages({ registry, store, artifactsUrl });
const replayer = new Replayer({ versions, store, images, workDir });

beforeAll(async () => {
  for (let version = 1; version <= 20; version += 1)
    digests.set(version, (await writeTestServable(join(folder, String(version)), { version, bias: 0 })).digest);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A row of a version whose every answer is sigmoid(0). */
const logged = (change: Partial<events.PredictionMade>): events.PredictionMade =>
  events.PredictionMade.create({ predictionId: 'p', model: 'ads', version: 1, score: 0.5, ...change });

describe('Replayer', () => {
  it('says of a score that it is another, and by how much', async () => {
    expect(await replayer.replay(logged({}))).toEqual({ outcome: 'equal', score: 0.5, recomputed: 0.5, ulps: 0 });
    // float32 has 24 bits: the next one above a half is a 2^-24th more.
    const score = 0.5 + 2 ** -24;
    expect(await replayer.replay(logged({ score }))).toEqual({ outcome: 'different', score, recomputed: 0.5, ulps: 1 });
  });

  it('says where it looked for a version that is gone, or is not what was registered', async () => {
    expect(await replayer.replay(logged({ version: 77 }))).toEqual({
      outcome: 'impossible',
      reason: 'the registry has no version 77 of model ads',
    });
    expect(await replayer.replay(logged({ version: 4 }))).toEqual({
      outcome: 'impossible',
      reason: 'version 4 of model ads is gone: its files were removed on 2026-01-31',
    });
    rmSync(join(folder, '2'), { recursive: true });
    writeFileSync(join(folder, '3', 'model.onnx'), 'changed');
    for (const [version, says] of [
      [2, /^version 2 of model ads is not whole at file:.*\/2: .*servable\.json/],
      [3, /^version 3 of model ads is not whole at file:.*\/3: .*model\.onnx has 7 bytes with sha256/],
    ] as const)
      expect(await replayer.replay(logged({ version }))).toEqual({
        outcome: 'impossible',
        reason: expect.stringMatching(says),
      });
  });

  it('does not ask for an image that the model did not look at', async () => {
    const imageDigest = createHash('sha256').update('gone').digest('hex');
    expect(await replayer.replay(logged({ imageDigest }))).toMatchObject({ outcome: 'equal' });
  });

  it('throws where the registry does not answer: that is nothing that is missing', async () => {
    const away = { getVersion: () => Promise.reject(new Error('the database is away')) };
    const other = new Replayer({ versions: away, store, images, workDir });
    await expect(other.replay(logged({}))).rejects.toThrow('the database is away');
  });

  it('holds few versions at once, and leaves nothing when it is closed', async () => {
    for (let version = 5; version <= 20; version += 1)
      expect(await replayer.replay(logged({ version }))).toMatchObject({ outcome: 'equal' });
    expect(readdirSync(workDir).length).toBeLessThanOrEqual(17);
    // One that was closed is fetched again.
    expect(await replayer.replay(logged({}))).toMatchObject({ outcome: 'equal' });
    await replayer.close();
    mkdirSync(workDir, { recursive: true });
    expect(readdirSync(workDir).filter((name) => existsSync(join(workDir, name, 'servable.json')))).toEqual([]);
  });
});
