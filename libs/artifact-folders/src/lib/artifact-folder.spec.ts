import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { createText, readText } from '@adstocrat/artifact-store';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { ArtifactFolder, publishFolder } from './artifact-folder.ts';
import { DamagedArtifact, fetchByManifest, fetchFolder, readRoot } from './fetch-by-manifest.ts';

const work = mkdtempSync(join(tmpdir(), 'adstocrat-folders-'));
const store = new LocalArtifactStore();
const uri = (name: string): string => pathToFileURL(join(work, name)).href;
afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

async function written(name: string): Promise<{ readonly digest: string; readonly files: Record<string, never> }> {
  writeFileSync(join(work, 'local'), 'abc');
  const folder = await ArtifactFolder.begin(store, uri(name));
  await folder.put('deep/a', join(work, 'local'));
  await folder.putText('b', 'text');
  return (await folder.finish('root.json', { version: 1 })) as never;
}

describe('an artifact’s folder', () => {
  it('names its files with their sha256, and begins without what an interrupted attempt left', async () => {
    await createText(store, `${uri('first')}/left-over`, 'x');
    const { files } = await written('first');
    expect(files).toEqual({
      // FIPS 180-2, appendix B.1, and `printf text | sha256sum`.
      'deep/a': { sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', bytes: 3 },
      b: { sha256: '982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1', bytes: 4 },
    });
    const names = (await Array.fromAsync(store.list(`${uri('first')}/`))).map((one) => one.uri.split('/').at(-1));
    expect(names.sort()).toEqual(['a', 'b', 'root.json']);
  });

  it('comes back as it was written, here or published whole', async () => {
    const { digest, files } = await written('second');
    const local = join(work, 'fetched');
    await fetchFolder(store, uri('second'), 'root.json', digest, local);
    expect(readFileSync(join(local, 'deep', 'a'), 'utf8')).toBe('abc');
    await publishFolder(store, local, uri('published'), Object.keys(files), 'root.json');
    expect(await readRoot(store, uri('published'), 'root.json', digest)).toMatchObject({ version: 1, files });
  });

  it('brings back a file of many pieces', async () => {
    const bytes = Uint8Array.from({ length: 700_001 }, (_, index) => (index * 31 + (index >> 8)) & 255);
    writeFileSync(join(work, 'many'), bytes);
    const folder = await ArtifactFolder.begin(store, uri('pieces'));
    await folder.put('many', join(work, 'many'));
    const { files } = await folder.finish('root.json', { version: 1 });
    const [path = ''] = await fetchByManifest(store, uri('pieces'), files, join(work, 'came'));
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it.each<[string, (folder: string) => Promise<unknown>, RegExp]>([
    ['a file that is gone', (folder) => store.remove(`${folder}/b`), /b is missing/],
    [
      'a file of other bytes',
      async (folder) => {
        await store.remove(`${folder}/b`);
        await createText(store, `${folder}/b`, 'tExt');
      },
      /b has 4 bytes with sha256 .*; its manifest says 4 and 982d9e/,
    ],
  ])('is damaged with %s', async (what, damage, says) => {
    const name = what.replaceAll(' ', '-');
    const { files } = await written(name);
    await damage(uri(name));
    const fetched = fetchByManifest(store, uri(name), files, join(work, 'damaged'));
    await expect(fetched).rejects.toThrow(DamagedArtifact);
    await expect(fetched).rejects.toThrow(says);
  });

  it('has the root that was registered', async () => {
    const { digest } = await written('rooted');
    await expect(readRoot(store, uri('rooted'), 'root.json', 'f'.repeat(64))).rejects.toThrow(/registered is ffff/);
    const text = await readText(store, `${uri('rooted')}/root.json`);
    await store.remove(`${uri('rooted')}/root.json`);
    await expect(readRoot(store, uri('rooted'), 'root.json')).rejects.toThrow(DamagedArtifact);
    await createText(store, `${uri('rooted')}/root.json`, text.replace('"version": 1', '"version": 2'));
    await expect(readRoot(store, uri('rooted'), 'root.json', digest)).rejects.toThrow(/does not have the digest/);
  });

  it.each(['../beside', '/etc/passwd', 'a/../../b', './a'])('names no file outside of itself: %s', async (name) => {
    const file = { sha256: '', bytes: 0 };
    await expect(fetchByManifest(store, uri('any'), { [name]: file }, work)).rejects.toThrow(/outside of its folder/);
  });
});
