import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArtifactForbidden, type ArtifactStore, joinUri } from '@adstocrat/artifact-store';
import { canonicalText } from '@adstocrat/examples';
import type { SpanRecord } from '@adstocrat/metadata';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { FailedPrecondition, Person } from '@adstocrat/service-kit';
import { type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';
import { forget } from './forget.ts';
import { removeFolders } from './forgotten-folders.ts';

const place = 'files of spans and shards that were written anew';
const person = new Person('user', ['u7'], canonicalText);
const options = { dryRun: false, signal: new AbortController().signal, onProgress: () => undefined };
let folder: string;
let database: TestDatabase;
let parts: IngestionParts;
/** Before a folder is removed, and before an object is written. */
let removing: (uri: string) => Promise<void>;
let writing: (uri: string) => Promise<void>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'adstocrat-forget-spans-'));
  database = await testDatabase();
  removing = writing = () => Promise.resolve();
  parts = await ingestionParts(database.url, folder, { wrap: hooked });
  parts.work();
});
afterEach(async () => {
  await parts.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

function hooked(store: ArtifactStore): ArtifactStore {
  const own: Pick<ArtifactStore, 'remove' | 'create'> = {
    create: async (uri, chunks) => {
      await writing(uri);
      return store.create(uri, chunks);
    },
    remove: async (uri, how) => {
      await removing(uri);
      await store.remove(uri, how);
    },
  };
  return Object.assign(Object.create(store) as ArtifactStore, own);
}

/** A drop as a span of a task: u0 to u7 have ten rows each. */
async function ingest(task: string): Promise<SpanRecord> {
  mkdirSync(join(folder, task));
  const rows = Array.from({ length: 80 }, (_, row) => `${row % 3 === 0 ? 1 : 0},u${row % 8},${row}`);
  writeFileSync(join(folder, task, 'rows.csv'), `y,user,n\n${rows.join('\n')}\n`);
  const yaml = `name: ${task}\ndata: {examples: ["*.csv"]}\nlabel: y\nunit: user\n`;
  return (await parts.ingest(yaml, pathToFileURL(join(folder, task)).href)).span;
}

/** Does something once, before the first span that is written anew takes the place of the old one. */
function beforeFirst(work: () => Promise<unknown>): void {
  const { metadata } = parts;
  const removeSpan = metadata.removeSpan.bind(metadata);
  metadata.removeSpan = async (span, transaction) => {
    metadata.removeSpan = removeSpan;
    await work();
    return removeSpan(span, transaction);
  };
}

/** Files of spans. */
async function files(): Promise<readonly string[]> {
  const found = await Array.fromAsync(parts.store.list(joinUri(parts.artifactsUrl, 'spans', '')));
  return found.map(({ uri }) => uri);
}

/** Folders of spans that hold something. */
const folders = async (): Promise<readonly string[]> => [
  ...new Set((await files()).map((uri) => /^.*?\/spans\/[^/]+\/[^/]+/.exec(uri)?.[0] ?? uri)),
];

async function forgotten(change: Partial<typeof options> = {}): Promise<readonly unknown[][]> {
  const { places } = await forget(parts, person, { ...options, ...change });
  return places.map(({ place, found, left, why }) => [place, found, left, why]);
}

const isBeside = (uri: string): boolean => /\/\d+-\d+\.[0-9a-f]+\//.test(uri);

/** Does something once, before the first object is written of a folder that is to take another's place. */
function beforeFirstFile(work: () => Promise<unknown>): void {
  writing = async (uri) => {
    if (!isBeside(uri)) return;
    writing = () => Promise.resolve();
    await work();
  };
}

/** Has the database end the connection that keeps other forgets out. */
async function loseLock(): Promise<void> {
  await parts.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks
     WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (classid::bigint << 32) + objid::bigint = hashtextextended('ingestion.forget', 0)`,
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
}

describe('forget, beside what changes spans', () => {
  it('takes rows out of a span that was recorded meanwhile', async () => {
    await ingest('one');
    beforeFirst(() => ingest('another'));
    expect(await forgotten()).toEqual([
      ['batch span 1 of one', 10, 0, ''],
      ['batch span 1 of another', 10, 0, ''],
    ]);
    expect(await forgotten()).toEqual([]);
  });

  it('goes past a span that was removed meanwhile', async () => {
    await ingest('one');
    const second = await ingest('two');
    await ingest('zoo');
    beforeFirst(async () => {
      await parts.metadata.removeSpan(second);
      await parts.store.clear(second.uri);
    });
    expect(await forgotten()).toEqual([
      ['batch span 1 of one', 10, 0, ''],
      ['batch span 1 of zoo', 10, 0, ''],
    ]);
  });

  it('names a span that cannot be read each time, and goes on with the others', async () => {
    const first = await ingest('one');
    await ingest('two');
    await parts.store.remove(joinUri(first.uri, 'span.json'));
    const why = expect.stringMatching(
      /^it cannot be read, so that it is not known whether it holds any: .*span\.json/,
    ) as string;
    const unread = ['batch span 1 of one', 1, 1, why];
    const dry = 'nothing was changed: a dry run';
    expect(await forgotten({ dryRun: true })).toEqual([unread, ['batch span 1 of two', 10, 10, dry]]);
    expect(await forgotten()).toEqual([unread, ['batch span 1 of two', 10, 0, '']]);
    expect(await forgotten()).toEqual([unread]);
  });

  it('says each time that files are left which the store does not let go', async () => {
    const { uri } = await ingest('one');
    removing = (object) =>
      object.startsWith(`${uri}/`) ? Promise.reject(new ArtifactForbidden(object)) : Promise.resolve();

    const refused = `the store does not let ${uri} be removed: permission to delete is needed there`;
    expect(await forgotten()).toEqual([
      ['batch span 1 of one', 10, 0, ''],
      [place, 1, 1, refused],
    ]);
    expect(await forgotten()).toEqual([[place, 1, 1, refused]]);
    expect(await forgotten({ dryRun: true })).toEqual([[place, 1, 1, 'nothing was changed: a dry run']]);
    removing = () => Promise.resolve();
    expect(await forgotten()).toEqual([[place, 1, 0, '']]);
    expect(await Array.fromAsync(parts.store.list(`${uri}/`)).catch(() => [])).toEqual([]);
    expect(await forgotten()).toEqual([]);
  });

  it('removes what it wrote where the span is removed before it takes its place', async () => {
    const one = await ingest('one');
    beforeFirst(async () => {
      await parts.metadata.removeSpan(one);
      await parts.store.clear(one.uri);
    });
    await forgotten();
    expect(await files()).toEqual([]);
    expect(await forgotten()).toEqual([]);
  });

  it('removes what an attempt wrote that was ended before it took its place', async () => {
    await ingest('one');
    beforeFirst(() => Promise.reject(new Error('killed')));
    await expect(forgotten()).rejects.toThrow('killed');
    expect(await folders()).toHaveLength(2);
    expect(await forgotten()).toEqual([
      ['batch span 1 of one', 10, 0, ''],
      [place, 1, 0, ''],
    ]);
    expect(await folders()).toHaveLength(1);
    expect(await forgotten()).toEqual([]);
  });

  it('removes what an attempt wrote of a folder that was ended before its root', async () => {
    await ingest('one');
    writing = (uri) => (uri.endsWith('span.json') ? Promise.reject(new Error('killed')) : Promise.resolve());
    await expect(forgotten()).rejects.toThrow('killed');
    writing = () => Promise.resolve();
    expect(await folders()).toHaveLength(2);
    await forgotten();
    expect(await folders()).toHaveLength(1);
  });

  it('records nothing whose files another has begun to remove, the lock being its', async () => {
    const one = await ingest('one');
    // As if the lock had been lost: another that finds the folder does with it what it does with those of the dead.
    beforeFirst(() => removeFolders(parts, options));
    await expect(forgotten()).rejects.toThrow('somebody else has begun to forget meanwhile: ask again');
    expect((await parts.metadata.listSpans('one')).map(({ uri }) => uri)).toEqual([one.uri]);
    expect(await forgotten()).toEqual([['batch span 1 of one', 10, 0, '']]);
    expect(await folders()).toHaveLength(1);
  });

  it.each([
    ['finds that another has begun to remove it', () => Promise.resolve()],
    [
      'finds the span removed',
      () => {
        beforeFirst(async () => {
          const [span] = await parts.metadata.listSpans('one');
          await parts.metadata.removeSpan(span!);
          await parts.store.clear(span!.uri);
        });
        return Promise.resolve();
      },
    ],
    [
      'fails',
      () => {
        writing = (uri) => (uri.endsWith('span.json') ? Promise.reject(new Error('no room')) : Promise.resolve());
        return Promise.resolve();
      },
    ],
  ])('leaves nothing of what it went on to write after another had removed it where it %s', async (_, then) => {
    const { uri } = await ingest('one');
    beforeFirstFile(async () => {
      await removeFolders(parts, options);
      await then();
    });
    await forgotten().catch(() => undefined);
    expect((await folders()).filter((one) => one !== uri)).toEqual([]);
  });

  it('has files of its own where another in the same process, its lock lost, has not ended yet', async () => {
    await ingest('one');
    const [come, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    beforeFirstFile(async () => {
      come.resolve();
      await go.promise;
    });
    const first = forgotten().catch((error: unknown) => error);
    await come.promise;
    await loseLock();
    beforeFirstFile(async () => {
      go.resolve();
      await first;
    });
    expect(await forgotten()).toEqual([
      ['batch span 1 of one', 10, 0, ''],
      [place, 1, 0, ''],
    ]);
    expect(await first).toBeInstanceOf(FailedPrecondition);
    expect(await folders()).toHaveLength(1);
  });

  it('leaves another’s folder alone once it knows that its lock is lost', async () => {
    await ingest('one');
    beforeFirst(async () => {
      await removeFolders(parts, { ...options, signal: AbortSignal.abort(new Error('lost')) }).catch(() => undefined);
    });
    expect(await forgotten()).toEqual([['batch span 1 of one', 10, 0, '']]);
  });

  it('looks for spans once more when it has waited for files', async () => {
    await ingest('one');
    const order: string[] = [];
    removing = (object) => {
      order.push('files');
      return Promise.reject(new ArtifactForbidden(object));
    };
    const { metadata } = parts;
    const listSpans = metadata.listSpans.bind(metadata);
    metadata.listSpans = (task) => {
      order.push('spans');
      return listSpans(task);
    };
    await forgotten();
    expect(order).toContain('files');
    expect(order.at(-1)).toBe('spans');
  });
});
