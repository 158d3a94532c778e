import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinUri, readJson } from '@adstocrat/artifact-store';
import { type SpanManifest, type Split, splits } from '@adstocrat/examples';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-repeated-'));
let database: TestDatabase;
let parts: IngestionParts;

const events = 600;
/** Each event three times, in three files in three orders. `key`: of one, as it is written. The last file has so many `more` of them again. */
function write(data: string, key: (event: number) => string, more = 0): string {
  mkdirSync(join(folder, data));
  for (const [file, step] of [1, 7, 11].entries()) {
    const rows = Array.from({ length: events + (file === 2 ? more : 0) }, (_, at) => (at * step) % events).map(
      (event) => `${key(event)},s${event % 4},${(event * 7919) % 5 < 2 ? 1 : 0}`,
    );
    writeFileSync(join(folder, data, `${file}.csv`), `key,site,y\n${rows.join('\n')}\n`);
  }
  return pathToFileURL(join(folder, data)).href;
}

beforeAll(async () => {
  database = await testDatabase();
  // A file is a shard.
  parts = await ingestionParts(database.url, folder, { shardBytes: 1 });
  parts.work();
});
afterAll(async () => {
  await parts.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const yaml = (name: string, more = ''): string => `name: ${name}\ndata: {examples: ["*.csv"]}\nlabel: y\n${more}`;

/** The splits in which each value of the key is. */
async function sides(uri: string): Promise<ReadonlyMap<string, ReadonlySet<Split>>> {
  const engine = await parts.openEngine({ workDir: join(folder, 'reading') });
  const { files } = await readJson<SpanManifest>(parts.store, joinUri(uri, 'span.json'));
  const found = new Map<string, Set<Split>>();
  for (const split of splits) {
    const paths = Object.keys(files)
      .filter((name) => name.startsWith(`examples/${split}/`))
      .map((name) => fileURLToPath(joinUri(uri, name)));
    const keys = (await engine.collect(await engine.openParquet(paths), ['key'])).get('key')?.values ?? [];
    for (const key of keys) found.set(String(key), (found.get(String(key)) ?? new Set()).add(split));
  }
  await engine.close();
  return found;
}

describe('rows that are there several times', () => {
  it.each([
    ['with-key', (event: number) => `e-${event}`, 'key'],
    ['without-key', (event: number) => `${event}.5`, undefined],
  ])('lie on one side of the split, in whatever shards: %s', async (name, key, id) => {
    const { span } = await parts.ingest(yaml(name), write(name, key));
    expect(span.anomalies).toEqual([expect.stringMatching(/^1,200 of 1,800 rows repeat an earlier one in every cell/)]);
    expect(span.told?.['id']).toBe(id);
    const found = await sides(span.uri);
    expect(found.size).toBe(events);
    expect([...found.values()].filter(({ size }) => size > 1)).toEqual([]);
    expect(span.testRows).toBeGreaterThan(0.1 * 3 * events);
  });
});

describe('a shard that has copies, beside others that have none', () => {
  it('counts what all of them repeat', async () => {
    const { span } = await parts.ingest(
      yaml('within-one'),
      write('within-one', (event) => `e-${event}`, 60),
    );
    expect(span.anomalies).toEqual([expect.stringMatching(/^1,260 of 1,860 rows repeat an earlier one in every cell/)]);
    expect(span.told?.['id']).toBe('key');
  });
});

describe('a guess that was wrong', () => {
  it('is corrected by what is advised, and training goes on', async () => {
    const data = 'corrected';
    mkdirSync(join(folder, data));
    const rows = Array.from({ length: 300 }, (_, row) => `${row},"1,${100 + (row % 400)}",${row % 3 === 0 ? 1 : 0}`);
    writeFileSync(join(folder, data, 'a.csv'), `row,price,y\n${rows.join('\n')}\n`);
    const uri = pathToFileURL(join(folder, data)).href;
    const typesOf = async (of: string) => {
      const schema = await readJson<{ readonly columns: readonly { readonly name: string; readonly type: string }[] }>(
        parts.store,
        joinUri(of, 'data-schema.json'),
      );
      return Object.fromEntries(schema.columns.map(({ name, type }) => [name, type]));
    };
    const { span: first } = await parts.ingest(yaml(data, 'features: {price: vocabulary}\n'), uri);
    expect(await typesOf(first.uri)).toMatchObject({ row: 'string', price: 'string' });
    const { span } = await parts.ingest(
      `name: ${data}\ndata: {examples: ["*.csv"], decimal: ","}\nlabel: y\nid: none\n`,
      uri,
    );
    expect([await typesOf(span.uri), span.ready]).toMatchObject([{ row: 'integer', price: 'float' }, true]);
    expect(span.anomalies.filter((one) => one.includes('type'))).toEqual([]);
  });
});
