import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type ArtifactInfo, ArtifactNotFound, type ArtifactStore } from '@adstocrat/artifact-store';
import { listData } from './list-data.ts';

const prefix = 'gs://ads/data/';
const object = (uri: string): ArtifactInfo => ({ uri, bytes: 1, generation: '1' });

/** A store that lists these paths. */
function openStore(paths: () => Iterable<string>): () => Promise<ArtifactStore> {
  const store: Pick<ArtifactStore, 'list' | 'stat'> = {
    async *list(under) {
      for (const path of paths()) if (`${prefix}${path}`.startsWith(under)) yield await Promise.resolve(listed(path));
    },
    stat: (uri) =>
      [...paths()].some((path) => `${prefix}${path}` === uri)
        ? Promise.resolve(listed(uri.slice(prefix.length)))
        : Promise.reject(new ArtifactNotFound(uri)),
  };
  const listed = (path: string) => ({ ...object(`${prefix}${path}`), writtenAtMs: 0 });
  return () => Promise.resolve(store as ArtifactStore);
}

const found = async (paths: () => Iterable<string>, uri = prefix) => {
  const { tables, other, notes, onlyFile } = await listData(openStore(paths), uri);
  return { tables: tables.map((one) => one.uri), other: other?.uri, notes: notes.length, only: onlyFile?.uri };
};

describe('listData', () => {
  it('holds files of rows that are not hidden, one other, and formats of tables', async () => {
    const paths = ['.x.csv', 'README', '_SUCCESS', 'a.csv', 'b/c.parquet', 'img/1.png', 't/_delta_log/0.json'];
    expect(await found(() => paths)).toEqual({
      tables: [`${prefix}a.csv`, `${prefix}b/c.parquet`],
      other: `${prefix}README`,
      notes: 1,
      only: undefined,
    });
  });

  it('holds the one file where it is named', async () => {
    const file = `${prefix}b.csv`;
    expect(await found(() => ['a.csv', 'b.csv', 'c.png'], file)).toMatchObject({ tables: [file], only: file });
  });

  it('holds none of the images', async () => {
    const listed: WeakRef<ArtifactInfo>[] = [];
    const open = openStore(function* () {
      yield 'a.csv';
      for (let image = 1e6; image < 1.3e6; image += 1) yield `img/${image}.png`;
    });
    const store = await open();
    let count = 0;
    const list = store.list.bind(store);
    store.list = async function* (under, options) {
      for await (const one of list(under, options)) {
        if (listed.length < 1000) listed.push(new WeakRef(one));
        yield one;
        count += 1;
        // Within one turn of the loop nothing that is weakly held is collected.
        if (count % 100 === 0) await setImmediate();
      }
    };
    const data = await listData(() => Promise.resolve(store), prefix);
    expect(data.tables).toHaveLength(1);
    expect(listed.filter((one) => one.deref() !== undefined).length).toBeLessThan(500);
  });
});
