import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ArtifactExists,
  ArtifactNotFound,
  ArtifactOutside,
  type ArtifactStore,
  ArtifactTooLarge,
  ArtifactTooShort,
} from './lib/artifact-store.ts';
import { createText, joinUri, readBytes, readText } from './lib/reading.ts';

/** An adapter under test, with an empty place to work in. */
export interface ArtifactStoreUnderTest {
  readonly store: ArtifactStore;
  /** URI of an existing, empty bucket or folder. */
  readonly base: string;
  /** URI in a bucket or folder that does not exist. */
  readonly nowhere: string;
  close(): Promise<void>;
}

/** What every {@link ArtifactStore} keeps. */
export function artifactStoreContract(name: string, open: () => Promise<ArtifactStoreUnderTest>): void {
  describe(`${name} as an artifact store`, () => {
    let subject: ArtifactStoreUnderTest;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());
    const at = (...names: readonly string[]): string => joinUri(subject.base, ...names);

    it('reads what was created, byte for byte', async () => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 31) & 255);
      await subject.store.create(at('bytes/one'), [bytes.subarray(0, 33), bytes.subarray(33)]);
      expect(await readBytes(subject.store, at('bytes/one'))).toEqual(bytes);
    });

    it('gives the same bytes to a reader that keeps no piece', async () => {
      const bytes = Uint8Array.from({ length: 700_001 }, (_, index) => (index * 31 + (index >> 8)) & 255);
      await subject.store.create(at('bytes/passing'), [bytes]);
      const copies: Uint8Array[] = [];
      for await (const piece of subject.store.read(at('bytes/passing'), { isPassing: true }))
        copies.push(Uint8Array.from(piece));
      expect(Buffer.concat(copies).equals(bytes)).toBe(true);
    });

    it('keeps an empty object', async () => {
      const info = await subject.store.create(at('bytes/none'), []);
      expect(info.bytes).toBe(0);
      expect(await readText(subject.store, at('bytes/none'))).toBe('');
    });

    it('refuses to overwrite', async () => {
      await createText(subject.store, at('once'), 'first');
      await expect(createText(subject.store, at('once'), 'second')).rejects.toThrow(ArtifactExists);
      expect(await readText(subject.store, at('once'))).toBe('first');
    });

    it('lets one of many writers of one name win', async () => {
      const attempts = Array.from({ length: 6 }, (_, index) =>
        createText(subject.store, at('race'), `writer ${index}`),
      );
      const outcomes = await Promise.allSettled(attempts);
      const won = outcomes.flatMap((outcome, index) => (outcome.status === 'fulfilled' ? [index] : []));
      expect(won).toHaveLength(1);
      expect(await readText(subject.store, at('race'))).toBe(`writer ${won[0]}`);
    });

    it('leaves nothing of a write that breaks off', async () => {
      async function* breaking(): AsyncGenerator<Uint8Array> {
        yield new Uint8Array(1000);
        await Promise.resolve();
        throw new Error('the source broke');
      }
      await expect(subject.store.create(at('broken'), breaking())).rejects.toThrow(/the source broke|broken/);
      await expect(subject.store.stat(at('broken'))).rejects.toThrow(ArtifactNotFound);
    });

    it('says NotFound with the URI for what is not there', async () => {
      await expect(readBytes(subject.store, at('absent'))).rejects.toThrow(ArtifactNotFound);
      await expect(subject.store.stat(at('absent'))).rejects.toMatchObject({ uri: at('absent') });
    });

    it('says NotFound when a bucket or folder that does not exist is listed', async () => {
      await expect(Array.fromAsync(subject.store.list(subject.nowhere))).rejects.toThrow(ArtifactNotFound);
    });

    it('lists what starts with a prefix, by name, with sizes', async () => {
      const names = ['list/b', 'list/a/deep', 'list/c', 'listed-not'];
      for (const name of names) await createText(subject.store, at(name), name);
      const listed = await Array.fromAsync(subject.store.list(`${at('list')}/`));
      expect(listed.map(({ uri, bytes }) => [uri, bytes])).toEqual([
        [at('list/a/deep'), 11],
        [at('list/b'), 6],
        [at('list/c'), 6],
      ]);
    });

    it('pins a read to the generation that was listed', async () => {
      const first = await createText(subject.store, at('pinned'), 'old');
      await subject.store.remove(at('pinned'));
      await createText(subject.store, at('pinned'), 'newer');
      const pinned = Array.fromAsync(subject.store.read(at('pinned'), { generation: first.generation }));
      await expect(pinned).rejects.toThrow(ArtifactNotFound);
    });

    it('reads within a folder what lies in it, and nothing else, there or not', async () => {
      await createText(subject.store, at('inside/deep/file'), 'in');
      await createText(subject.store, at('beside'), 'out');
      const within = at('inside');
      expect(new TextDecoder().decode(await readBytes(subject.store, at('inside/deep/file'), { within }))).toBe('in');
      await expect(readBytes(subject.store, at('inside/none'), { within })).rejects.toThrow(ArtifactNotFound);
      for (const uri of [at('beside'), at('nothing-there'), at('inside-not/x')])
        await expect(readBytes(subject.store, uri, { within })).rejects.toThrow(ArtifactOutside);
    });

    it('stops reading what is larger than the reader takes', async () => {
      await subject.store.create(at('large'), [new Uint8Array(600_000), new Uint8Array(600_000)]);
      await expect(readBytes(subject.store, at('large'), { maxBytes: 700_000 })).rejects.toThrow(ArtifactTooLarge);
      expect(await readBytes(subject.store, at('large'), { maxBytes: 1_200_000 })).toHaveLength(1_200_000);
    });

    it('reads a stretch of an object, and says of one that it has not that it ends before it', async () => {
      const bytes = Uint8Array.from({ length: 700_000 }, (_, index) => (index * 31) & 255);
      const { generation } = await subject.store.create(at('stretched'), [bytes]);
      const stretch = (offset: number, length: number): Promise<Uint8Array> =>
        readBytes(subject.store, at('stretched'), { generation, range: { offset, bytes: length } });
      for (const [offset, length] of [
        [0, 1],
        [0, 700_000],
        [699_999, 1],
        [123_456, 555_555],
      ] as const)
        expect(Buffer.compare(await stretch(offset, length), bytes.subarray(offset, offset + length))).toBe(0);
      for (const [offset, length] of [
        [0, 700_001],
        [699_999, 2],
        [700_000, 1],
        [9_000_000, 5],
      ] as const)
        await expect(stretch(offset, length)).rejects.toThrow(ArtifactTooShort);
      const range = { offset: 0, bytes: 1 };
      await expect(readBytes(subject.store, at('absent'), { range })).rejects.toThrow(ArtifactNotFound);
    });

    it('removes without complaint what is not there', async () => {
      await expect(subject.store.remove(at('never-was'))).resolves.toBeUndefined();
    });

    it('removes what was listed, and not what has come in its place', async () => {
      const before = Date.now();
      await createText(subject.store, at('swept/one'), 'old');
      const [old] = await Array.fromAsync(subject.store.list(`${at('swept')}/`));
      // Clocks of two machines, and the grain of a file's time.
      expect(Math.abs((old?.writtenAtMs ?? NaN) - before)).toBeLessThan(60_000);
      await subject.store.remove(at('swept/one'));
      const pinned = { generation: old?.generation ?? '' };
      await subject.store.remove(at('swept/one'), pinned);
      await createText(subject.store, at('swept/one'), 'newer');
      await subject.store.remove(at('swept/one'), pinned);
      expect(await readText(subject.store, at('swept/one'))).toBe('newer');
      const [newer] = await Array.fromAsync(subject.store.list(`${at('swept')}/`));
      await subject.store.remove(at('swept/one'), { generation: newer?.generation ?? '' });
      expect(await Array.fromAsync(subject.store.list(`${at('swept')}/`))).toEqual([]);
    });

    it('clears a folder of all that lies in it, and nothing beside it', async () => {
      for (const name of ['full/a/deep', 'full/b', 'fuller']) await createText(subject.store, at(name), name);
      await subject.store.clear(at('full'));
      const left = await Array.fromAsync(subject.store.list(at('full')));
      expect(left.map(({ uri }) => uri)).toEqual([at('fuller')]);
      await expect(subject.store.clear(at('never-was'))).resolves.toBeUndefined();
    });
  });
}
