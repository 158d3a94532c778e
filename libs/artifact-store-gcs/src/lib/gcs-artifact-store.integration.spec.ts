import { once } from 'node:events';
import { createServer } from 'node:http';
import { getHeapSpaceStatistics } from 'node:v8';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Storage } from '@google-cloud/storage';
import { ArtifactForbidden, createText, readText } from '@adstocrat/artifact-store';
import { artifactStoreContract } from '@adstocrat/artifact-store/testing';
import { type RunningFakeGcs, serveObjects, startFakeGcs } from '@adstocrat/fake-gcs';
import { GcsArtifactStore } from './gcs-artifact-store.ts';

function storeOn(server: RunningFakeGcs): GcsArtifactStore {
  return new GcsArtifactStore(new Storage({ apiEndpoint: server.url, projectId: 'emulator' }));
}

artifactStoreContract('GcsArtifactStore', async () => {
  const server = await startFakeGcs();
  await server.makeBucket('contract');
  return {
    store: storeOn(server),
    base: 'gs://contract/some/prefix',
    nowhere: 'gs://no-such-bucket/some/',
    close: () => server.stop(),
  };
});

describe('GcsArtifactStore', () => {
  let server: RunningFakeGcs;
  let store: GcsArtifactStore;
  beforeAll(async () => {
    server = await startFakeGcs();
    await server.makeBucket('big');
    store = storeOn(server);
  });
  afterAll(() => server.stop());

  it.each(['', '/', '/storage/v1'])(
    'finds an emulator named by STORAGE_EMULATOR_HOST with "%s" at its end',
    async (end) => {
      process.env['STORAGE_EMULATOR_HOST'] = `${server.url}${end}`;
      try {
        const named = GcsArtifactStore.open();
        const uri = `gs://big/named${end}`;
        await createText(named, uri, 'here');
        expect(await readText(named, uri)).toBe('here');
        expect((await Array.fromAsync(named.list('gs://big/named'))).map((one) => one.uri)).toContain(uri);
      } finally {
        delete process.env['STORAGE_EMULATOR_HOST'];
      }
    },
  );

  it.each([
    { of: 'all', bytes: 300_000, range: undefined },
    { of: 'a stretch', bytes: 3000, range: { offset: 0, bytes: 1000 } },
  ])('reads $of of an object without a warning of listeners', async ({ of, bytes, range }) => {
    const warnings: Error[] = [];
    const warned = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', warned);
    try {
      const uri = `gs://big/quiet ${of}`;
      await store.create(uri, [new Uint8Array(bytes)]);
      await Array.fromAsync(store.read(uri, range === undefined ? {} : { range }));
      // Node says it in a later turn, each in the order in which it came.
      const last = once(process, 'warning');
      process.emitWarning('the last');
      await last;
      expect(warnings.map(({ message }) => message)).toEqual(['the last']);
    } finally {
      process.off('warning', warned);
    }
  });

  it('says that it has no permission, at once', async () => {
    // As Google answers an account without the right; the emulator knows no rights.
    const denied = JSON.stringify({
      error: { code: 403, message: 'adstocrat@example.iam does not have storage.objects.list access' },
    });
    const forbidding = createServer((request, response) => {
      request.resume();
      response.writeHead(403, { 'content-type': 'application/json' }).end(denied);
    }).listen(0, '127.0.0.1');
    await once(forbidding, 'listening');
    const { port } = forbidding.address() as AddressInfo;
    const refused = new GcsArtifactStore(
      new Storage({ apiEndpoint: `http://127.0.0.1:${port}`, projectId: 'emulator' }),
    );
    const uri = 'gs://private/a.csv';
    await expect(Array.fromAsync(refused.list('gs://private/'))).rejects.toThrow(ArtifactForbidden);
    await expect(readText(refused, uri)).rejects.toThrow(ArtifactForbidden);
    await expect(refused.stat(uri)).rejects.toThrow(`no permission for ${uri}`);
    await expect(createText(refused, uri, 'x')).rejects.toThrow(ArtifactForbidden);
    forbidding.close();
  });

  it('lists past the first page of a thousand', async () => {
    await server.makeBucket('pages');
    const names = Array.from({ length: 1003 }, (_, index) => `gs://pages/n${String(index).padStart(5, '0')}`);
    for (let start = 0; start < names.length; start += 50) {
      await Promise.all(names.slice(start, start + 50).map((name) => createText(store, name, '.')));
    }
    const listed = await Array.fromAsync(store.list('gs://pages/'));
    expect(listed.map(({ uri }) => uri)).toEqual(names);
  });

  it('streams an object of 24 MiB both ways without holding it', async () => {
    const chunk = Buffer.alloc(1 << 20, 7);
    function* source(): Generator<Uint8Array> {
      for (let index = 0; index < 24; index += 1) yield chunk;
    }
    const info = await store.create('gs://big/object', source());
    expect(info.bytes).toBe(24 << 20);
    let read = 0;
    let largest = 0;
    for await (const piece of store.read('gs://big/object')) {
      read += piece.length;
      largest = Math.max(largest, piece.length);
    }
    expect(read).toBe(24 << 20);
    expect(largest).toBeLessThan(4 << 20);
  });

  it('leaves little of thousands of reads in memory', async () => {
    const names = Array.from({ length: 2000 }, (_, index) => String(index).padStart(5, '0'));
    await using bucket = await serveObjects('many', { names, bytesOf: (name) => Buffer.from(name) });
    const many = new GcsArtifactStore(
      new Storage({ apiEndpoint: bucket.url, projectId: 'emulator', useAuthWithCustomEndpoint: false }),
    );
    const oldMiB: number[] = [];
    for (let at = 0; at < names.length; at += 20) {
      const some = names.slice(at, at + 20);
      expect(await Promise.all(some.map((name) => readText(many, `gs://many/${name}`)))).toEqual(some);
      const old = getHeapSpaceStatistics().find((space) => space.space_name === 'old_space');
      oldMiB.push((old?.space_used_size ?? 0) / 2 ** 20);
    }
    // Each read leaves some 50 kB, 25 MiB until they are collected. Left to V8 they come to 80.
    expect(Math.max(...oldMiB) - Math.min(...oldMiB)).toBeLessThan(45);
  }, 60_000);

  it('reads the generation that was listed and no other', async () => {
    const { generation } = await createText(store, 'gs://big/generation', 'first');
    expect(await readText(store, 'gs://big/generation')).toBe('first');
    const pieces = await Array.fromAsync(store.read('gs://big/generation', { generation }));
    expect(Buffer.concat(pieces).toString()).toBe('first');
  });
});
