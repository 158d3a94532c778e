import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { openArtifactStore } from '@adstocrat/adapters';
import { writeTestServable } from '@adstocrat/inference/testing';
import { fetchServable } from './fetch-servable.ts';

const folder = mkdtempSync(join(tmpdir(), 'fetch-servable-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('fetchServable', () => {
  it('leaves nothing of a copy that failed half-way, and is whole when it is done again', async () => {
    const [artifact, workDir] = [join(folder, 'artifact'), join(folder, 'work')];
    const { digest } = await writeTestServable(artifact, { version: 1, bias: 0 });
    const uri = pathToFileURL(artifact).href;
    const store = await openArtifactStore(uri);
    const fetch = (): Promise<string> =>
      fetchServable({ store, workDir, neighbours: [] }, 'ads', { version: 1, uri, digest });
    // The last but one of its files.
    renameSync(join(artifact, 'weights.bin'), join(folder, 'weights.bin'));
    await expect(fetch()).rejects.toThrow(/weights\.bin/);
    expect(readdirSync(join(workDir, 'models/ads'))).toEqual([]);
    renameSync(join(folder, 'weights.bin'), join(artifact, 'weights.bin'));
    expect(readdirSync(await fetch()).toSorted()).toEqual(readdirSync(artifact).toSorted());
    expect(readdirSync(join(workDir, 'models/ads'))).toHaveLength(1);
  });
});
