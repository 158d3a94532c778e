import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { BadModelConfig, usualPolicy } from './folder-model.ts';
import { ModelPlaces } from './model-places.ts';

const folder = mkdtempSync(join(tmpdir(), 'model-places-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const uriOf = (name: string): string => pathToFileURL(join(folder, name)).href;
const model = (name: string) => ({ name, base: uriOf(name), policy: usualPolicy, labels: {} });

async function placesOf(...names: readonly string[]): Promise<ModelPlaces> {
  const configFile = join(folder, 'models.config');
  const lines = names.map((name) => `config { name: "${name}" base_path: "${join(folder, name)}" }`);
  writeFileSync(configFile, `model_config_list { ${lines.join(' ')} }`);
  const places = new ModelPlaces({
    roots: [],
    configFile,
    policy: usualPolicy,
    openStore: async () => new LocalArtifactStore(),
  });
  await places.look();
  return places;
}

describe('ModelPlaces', () => {
  it('leave a model out whose folder is not there, and know of the others', async () => {
    mkdirSync(join(folder, 'a'), { recursive: true });
    const places = await placesOf('a', 'gone');
    const { models, unread } = await places.look();
    expect([...unread]).toEqual([]);
    expect(models.get('a')).toMatchObject({ found: { versions: new Map() } });
    expect(models.get('gone')).toMatchObject({ failure: expect.stringContaining('gone') });
  });

  it('let a request name what the file names, whatever the request before it named', async () => {
    for (const name of ['a', 'b']) mkdirSync(join(folder, name), { recursive: true });
    const places = await placesOf('a', 'b');
    await places.configure([]);
    await places.configure([model('a')]);
    await places.configure([model('a'), model('b')]);
    expect(places.configured.map(({ name }) => name)).toEqual(['a', 'b']);
    await expect(places.configure([model('c')])).rejects.toThrow(BadModelConfig);
  });

  it('let no request out by a link, and one in whose place is a link itself', async () => {
    for (const name of ['allowed', 'secret/1', 'volume/m/1']) mkdirSync(join(folder, name), { recursive: true });
    symlinkSync('../secret', join(folder, 'allowed', 'out'));
    symlinkSync(join(folder, 'allowed'), join(folder, 'allowed', 'round'));
    symlinkSync('volume', join(folder, 'linked'));
    const places = new ModelPlaces({
      roots: [],
      allowed: [uriOf('allowed'), uriOf('linked')],
      policy: usualPolicy,
      openStore: async () => new LocalArtifactStore(),
    });
    for (const name of ['linked/m', 'allowed/round/m', 'allowed/not-yet/there']) await places.configure([model(name)]);
    for (const name of ['allowed/out', 'allowed/out/1', 'allowed/out/none', 'secret', 'volume/m'])
      await expect(places.configure([model(name)])).rejects.toThrow(/none of the places/);
    expect(places.configured.map(({ name }) => name)).toEqual(['allowed/not-yet/there']);
  });
});
