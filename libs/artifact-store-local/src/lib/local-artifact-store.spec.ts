import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import {
  ArtifactExists,
  type ArtifactInfo,
  ArtifactNotFound,
  ArtifactOutside,
  readBytes,
  readText,
} from '@adstocrat/artifact-store';
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

  /** A write that has begun, and goes on when it is told to. */
  async function begun(object: string, bytes: Uint8Array): Promise<() => Promise<ArtifactInfo>> {
    const [started, told] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const half = bytes.length >> 1;
    const written = store.create(
      object,
      (async function* () {
        yield bytes.subarray(0, half);
        started.resolve(undefined);
        await told.promise;
        yield bytes.subarray(half);
      })(),
    );
    // Whoever goes on gets the error.
    written.catch(() => undefined);
    await started.promise;
    return () => {
      told.resolve(undefined);
      return written;
    };
  }

  // Longer than what is gathered before it is written.
  const [first, second] = [Buffer.alloc(600_000, 1), Buffer.alloc(700_000, 2)];

  it.each([
    { why: 'its object is removed', take: (name: string) => store.remove(uri('taken', name)) },
    { why: 'its folder is cleared', take: () => store.clear(uri('taken')) },
  ])('fails a write when $why meanwhile, and leaves alone who writes it anew', async ({ why, take }) => {
    const object = uri('taken', why);
    const goOn = await begun(object, first);
    await take(why);
    const anew = await begun(object, second);
    await expect(goOn()).rejects.toThrow(ArtifactNotFound);
    await expect(store.stat(object)).rejects.toThrow(ArtifactNotFound);
    expect((await anew()).bytes).toBe(second.length);
    expect(second.equals(await readBytes(store, object))).toBe(true);
    expect(readdirSync(join(folder, 'taken'))).toEqual([why]);
    await store.remove(object);
  });

  it.each(['short', 'n'.repeat(238), 'n'.repeat(239), 'é'.repeat(127)])(
    'gives an object to the first of two that write it, whole, named %s',
    async (name) => {
      const object = uri('twice', name);
      const [one, other] = [await begun(object, first), await begun(object, second)];
      await expect(Array.fromAsync(store.list(uri('twice/')))).resolves.toEqual([]);
      await other();
      await expect(one()).rejects.toThrow(ArtifactExists);
      expect(second.equals(await readBytes(store, object))).toBe(true);
      expect(readdirSync(join(folder, 'twice'))).toEqual([name]);
      await store.remove(object);
      expect(readdirSync(join(folder, 'twice'))).toEqual([]);
    },
  );

  it('removes with an object what several left of it that were killed', async () => {
    for (const _ of [1, 2]) killedWriting(uri('several', 'one'));
    await expect(Array.fromAsync(store.list(uri('several/')))).resolves.toEqual([]);
    await store.remove(uri('several', 'one'));
    expect(readdirSync(join(folder, 'several'))).toEqual([]);
  });

  it('hides what earlier releases left of writes', async () => {
    mkdirSync(join(folder, 'earlier'));
    for (const name of ['object', '01893f0e-6f5c-4d3b-9a53-3f8f0a3c2d11'])
      writeFileSync(join(folder, 'earlier', `.adstocrat-part-${name}`), 'byt');
    await store.create(uri('earlier', 'object'), [Uint8Array.of(1)]);
    const listed = await Array.fromAsync(store.list(uri('earlier/')));
    expect(listed.map((one) => one.uri)).toEqual([uri('earlier', 'object')]);
  });

  it('tells one of many writers that it won, and the others that an object is there', async () => {
    for (let round = 0; round < 50; round += 1) {
      const object = uri('race', String(round));
      const ends = await Promise.allSettled(
        Array.from({ length: 8 }, (_, writer) => store.create(object, [new Uint8Array(writer)])),
      );
      const lost = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
      expect(lost.filter((error) => !(error instanceof ArtifactExists))).toEqual([]);
      expect(lost).toHaveLength(7);
    }
    expect(readdirSync(join(folder, 'race'))).toHaveLength(50);
  });

  it('tells a writer of its own bytes, not of those that took their place', async () => {
    const object = uri('replaced', 'object');
    const write = async (bytes: number): Promise<void> => {
      for (let round = 0; round < 200; round += 1) {
        const info = await store.create(object, [new Uint8Array(bytes)]).catch((error: unknown) => {
          if (!(error instanceof ArtifactExists || error instanceof ArtifactNotFound)) throw error;
        });
        expect(info?.bytes ?? bytes).toBe(bytes);
        await store.remove(object);
      }
    };
    await Promise.all([1, 2, 3, 4].map(write));
  });

  it('lists a folder while others write and remove in it', async () => {
    await store.create(uri('busy', 'sub', 'stays'), [Uint8Array.of(1)]);
    let busy = true;
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let round = 0; round < 100; round += 1) {
        const object = uri('busy', 'sub', `object ${(round + writer) % 2}`);
        const written = await Promise.allSettled([store.create(object, [Uint8Array.of(writer)])]);
        for (const one of written)
          if (one.status === 'rejected')
            expect([ArtifactExists, ArtifactNotFound].some((kind) => one.reason instanceof kind)).toBe(true);
        await store.remove(object);
      }
    });
    const lists = (async () => {
      while (busy) {
        const listed = await Array.fromAsync(store.list(uri('busy/')));
        expect(listed.map((one) => one.uri)).toContain(uri('busy', 'sub', 'stays'));
      }
    })();
    await Promise.all(writers).finally(() => (busy = false));
    await lists;
    expect(readdirSync(join(folder, 'busy', 'sub'))).toEqual(['stays']);
  });
});
