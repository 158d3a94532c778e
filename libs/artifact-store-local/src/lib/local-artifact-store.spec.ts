import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ArtifactExists, ArtifactNotFound, ArtifactOutside, readBytes, readText } from '@adstocrat/artifact-store';
import { artifactStoreContract } from '@adstocrat/artifact-store/testing';
import { LocalArtifactStore } from './local-artifact-store.ts';

artifactStoreContract('LocalArtifactStore', () => {
  // A blank and a percent sign: names that a URI has to escape.
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat local 100%-'));
  return Promise.resolve({
    store: new LocalArtifactStore(),
    base: pathToFileURL(folder).href,
    nowhere: pathToFileURL(join(folder, 'no-such-folder/')).href,
    close: () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
});

describe('LocalArtifactStore', () => {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-local-links-'));
  const uri = (...names: string[]): string => pathToFileURL(join(folder, ...names)).href;
  const store = new LocalArtifactStore();
  const within = uri('base');
  mkdirSync(join(folder, 'base', 'sub'), { recursive: true });
  mkdirSync(join(folder, 'private'));
  writeFileSync(join(folder, 'private', 'secret'), 'secret');
  writeFileSync(join(folder, 'base', 'sub', 'file'), 'mine');
  for (const [link, target] of [
    ['inside', 'sub/file'],
    ['round', '../base/sub/file'],
    ['absolute-inside', join(folder, 'base', 'sub')],
    ['file-out', '../private/secret'],
    ['dangling-out', '../private/nothing-of-that-name'],
    ['absolute-out', '/etc/hostname'],
    ['folder-out', '../private'],
    ['twice', 'folder-out'],
    ['loop', 'loop'],
    ['nowhere', 'sub/nothing'],
  ] as const)
    symlinkSync(target, join(folder, 'base', link));
  execFileSync('mkfifo', [join(folder, 'base', 'pipe')]);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['sub/file', 'inside', 'absolute-inside/file'])('reads %s, which leads into the folder', async (path) => {
    expect(new TextDecoder().decode(await readBytes(store, uri('base', path), { within }))).toBe('mine');
  });

  it.each([
    'file-out',
    'dangling-out',
    'absolute-out',
    'folder-out/secret',
    'folder-out/none',
    'twice/secret',
    'round',
    'loop',
  ])('refuses %s, which leads out of it, whatever is there', async (path) => {
    await expect(readBytes(store, uri('base', path), { within })).rejects.toThrow(ArtifactOutside);
  });

  it.each(['pipe', 'sub', 'nowhere', 'x'.repeat(300)])('finds no object at %s, and waits for nothing', async (path) => {
    await expect(readBytes(store, uri('base', path), { within })).rejects.toThrow(ArtifactNotFound);
    await expect(readText(store, uri('base', path))).rejects.toThrow(ArtifactNotFound);
  });

  it.each([0, 1, 1023, 1024, 1025, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 1 << 19])(
    'reads all of a file of %i bytes, and what comes to it meanwhile',
    async (length) => {
      const path = join(folder, 'base', 'sub', 'grows');
      writeFileSync(path, new Uint8Array(length).fill(1));
      const chunks: Uint8Array[] = [];
      for await (const chunk of store.read(uri('base', 'sub', 'grows'), { within })) {
        if (chunks.length === 0 && length >= 1 << 18) appendFileSync(path, 'more');
        chunks.push(chunk);
      }
      rmSync(path);
      const whole = Buffer.concat(chunks);
      expect(whole.subarray(0, length).equals(Buffer.alloc(length, 1))).toBe(true);
      expect(whole.subarray(length).toString()).toBe(length >= 1 << 18 ? 'more' : '');
    },
  );

  it('asks for no bytes of what is there already', async () => {
    let asked = false;
    const bytes = (function* () {
      asked = true;
      yield new Uint8Array(1);
    })();
    await expect(store.create(uri('base', 'sub', 'file'), bytes)).rejects.toThrow(ArtifactExists);
    expect(asked).toBe(false);
  });

  it.each(['sub/file/below', 'sub/file/far/below', 'x'.repeat(300)])('finds no place for %s', async (path) => {
    await expect(store.create(uri('base', ...path.split('/')), [new Uint8Array(1)])).rejects.toThrow(ArtifactNotFound);
  });

  it('lists a link to a file of the folder, and says what it leaves out', async () => {
    const leftOut = new Map<string, string>();
    const listed = await Array.fromAsync(
      store.list(`${within}/`, { onLeftOut: (at, reason) => leftOut.set(at.slice(within.length + 1), reason) }),
    );
    expect(listed.map((one) => one.uri.slice(within.length + 1))).toEqual(['inside', 'sub/file']);
    expect(leftOut.get('file-out')).toBe('a symbolic link that leaves the folder is not followed');
    expect(leftOut.get('dangling-out')).toBe('a symbolic link that leaves the folder is not followed');
    expect(leftOut.get('absolute-inside')).toBe('a symbolic link to a folder is not followed');
    expect(leftOut.get('nowhere')).toBe('a symbolic link that leads nowhere');
    expect(leftOut.get('pipe')).toBe('not a plain file');
  });

  /** A process that begins to write an object, and is killed. */
  function killedWriting(object: string): void {
    const store = fileURLToPath(new URL('./local-artifact-store.ts', import.meta.url));
    const writes = `import { LocalArtifactStore } from ${JSON.stringify(store)};
      await new LocalArtifactStore().create(${JSON.stringify(object)}, (async function* () {
        yield new Uint8Array(100);
        setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50);
        await new Promise(() => {});
      })());`;
    const arguments_ = ['--conditions=@adstocrat/source', '--input-type=module', '-e', writes];
    expect(spawnSync(process.execPath, arguments_, { cwd: import.meta.dirname }).signal).toBe('SIGKILL');
  }

  it('removes with an object what a process left of it that was killed as it wrote, and nothing of others', async () => {
    const long = 'n'.repeat(250);
    for (const name of ['one', 'other', long]) killedWriting(uri('interrupted', name));
    const names = (): string[] => readdirSync(join(folder, 'interrupted')).toSorted();
    expect(names()).toHaveLength(3);
    await store.remove(uri('interrupted', 'one'));
    expect(names()).toHaveLength(2);
    // Who writes it anew, or two at once, are not held up by what lies there.
    const written = [1, 2].map((byte) => store.create(uri('interrupted', 'other'), [Uint8Array.of(byte)]));
    const ends = await Promise.allSettled(written);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await store.create(uri('interrupted', long), [Uint8Array.of(1)]);
    await store.remove(uri('interrupted', 'other'));
    await store.remove(uri('interrupted', 'other'));
    // A name so long leaves no room to tell whose it was: only its folder is cleared of it.
    expect(names().filter((name) => name !== long)).toHaveLength(1);
  });

  it('clears a folder of what a process left that was killed as it wrote, and follows no link', async () => {
    writeFileSync(join(folder, 'private', 'kept'), 'kept');
    mkdirSync(join(folder, 'killed'));
    symlinkSync('../private', join(folder, 'killed', 'folder-out'));
    killedWriting(uri('killed', 'file'));
    expect(readdirSync(join(folder, 'killed'))).toHaveLength(2);
    await new LocalArtifactStore().clear(uri('killed'));
    expect(readdirSync(join(folder, 'killed'))).toEqual([]);
    expect(readdirSync(join(folder, 'private')).sort()).toEqual(['kept', 'secret']);
  });
});
