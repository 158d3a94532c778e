import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { joinUri, readJson } from '@adstocrat/artifact-store';
import { type SpanManifest, splits } from '@adstocrat/examples';
import type { SpanRecord } from '@adstocrat/metadata';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import sharp from 'sharp';
import { type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-shards-'));
const leaseMs = 1500;
const dataUri = pathToFileURL(join(folder, 'data')).href;
const taskYaml = `name: drop
data: {examples: ["*.csv"], tables: [{path: ads/ads.csv, key: ad}]}
label: y
image: {column: pic, base: img/}
`;
const databases: TestDatabase[] = [];
const opened: IngestionParts[] = [];
const children: ChildProcess[] = [];
const [files, fileRows] = [6, 400];

/** A drop of six files with a table, images (one of them missing), rows that are no rows, and columns of every type. */
beforeAll(async () => {
  for (const below of ['ads', 'img']) mkdirSync(join(folder, 'data', below), { recursive: true });
  for (const red of [10, 200])
    await sharp({ create: { width: 2, height: 2, channels: 3, background: { r: red, g: 0, b: 0 } } })
      .png()
      .toFile(join(folder, 'data', 'img', `${red}.png`));
  writeFileSync(
    join(folder, 'data', 'ads', 'ads.csv'),
    `ad,pic,size\n${Array.from({ length: 40 }, (_, ad) => `a${ad},${['10.png', '200.png', 'gone.png'][ad % 3]},${ad / 4}`).join('\n')}\n`,
  );
  for (let file = 0; file < files; file += 1) {
    const rows = Array.from({ length: fileRows }, (_, at) => {
      const row = file * fileRows + at;
      const when = new Date(Date.UTC(2026, 0, 1) + row * 60_000).toISOString();
      const label = row % 999 === 7 ? 'maybe' : row % 3 === 0 ? 1 : 0;
      const fields = [
        `r${row}`,
        when,
        `a${(row * 7) % 45}`,
        row % 5 === 0 ? '' : Math.sin(row),
        (row * 7919) % 503,
        label,
      ];
      return at === 90 && file % 3 === 0 ? `${fields.join(',')},more` : fields.join(',');
    });
    writeFileSync(join(folder, 'data', `part-${file}.csv`), `row,at,ad,x,n,y\n${rows.join('\n')}\n`);
  }
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(opened.splice(0).map((parts) => parts.close()));
  await Promise.all(databases.splice(0).map((database) => database.drop()));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function database(): Promise<string> {
  const made = await testDatabase();
  databases.push(made);
  return made.url;
}

async function parts(url: string, home: string, instance: number, shardBytes: number): Promise<IngestionParts> {
  const made = await ingestionParts(url, join(folder, home), { instance, leaseMs, shardBytes });
  opened.push(made);
  return made;
}

/** A process of ingestion with shards of one file. */
async function worker(url: string, home: string): Promise<ChildProcess> {
  const fixture = fileURLToPath(new URL('../testing/worker.fixture.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--conditions=@adstocrat/source', fixture, url, join(folder, home), String(leaseMs), '1'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(child);
  await once(child.stdout!, 'data');
  return child;
}

/** All of a span but its name, number and digests: rows as texts, and every JSON. */
async function contentOf({ store, openEngine }: IngestionParts, { uri, notes, told, anomalies }: SpanRecord) {
  const engine = await openEngine({ workDir: join(folder, 'reading') });
  const manifest: SpanManifest = await readJson<SpanManifest>(store, joinUri(uri, 'span.json'));
  const path = (name: string): string => fileURLToPath(joinUri(uri, name));
  const names = Object.keys(manifest.files).sort();
  const rowsOf = async (of: readonly string[]) => {
    const batches = await Array.fromAsync(engine.batches(await engine.openParquet(of.map(path)), { batchRows: 1e6 }));
    return batches.map(({ columns }) =>
      Object.fromEntries(Array.from(columns, ([name, { values }]) => [name, [...values]])),
    );
  };
  const rows = await Promise.all(
    splits.map((split) => rowsOf(names.filter((name) => name.startsWith(`examples/${split}/`)))),
  );
  const json = await Promise.all(
    names.filter((name) => name.endsWith('.json')).map((name) => readJson<unknown>(store, joinUri(uri, name))),
  );
  const found = {
    // Sums are put together in another order.
    rows,
    json: rounded(json),
    notes,
    told,
    anomalies,
    rejects: await rowsOf(['rejects.parquet']),
    images: await rowsOf(['images.parquet']),
    counts: [manifest.rows, manifest.positives, manifest.rejectedRows, manifest.rejectedImages, manifest.timeRangeMs],
    parts: names.filter((name) => name.startsWith('examples/')).length,
  };
  await engine.close();
  return found;
}

/** With 12 digits of every number. */
const rounded = (json: unknown): unknown =>
  JSON.parse(
    JSON.stringify(json, (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value)),
  );

const stagedIn = (home: string): readonly string[] => {
  const staging = join(folder, home, 'artifacts', 'staging');
  return existsSync(staging)
    ? readdirSync(staging, { recursive: true, withFileTypes: true }).flatMap((one) => (one.isFile() ? [one.name] : []))
    : [];
};

describe('a span of several shards', () => {
  /** Of the span that nobody disturbed. */
  let digest: string;

  it('is shared by two processes, and holds what one of a single shard holds', async () => {
    const whole = await parts(await database(), 'whole', 1, 64 << 20);
    whole.work();
    const { span: single } = await whole.ingest(taskYaml, dataUri);
    const url = await database();
    const [one, two] = [await parts(url, 'shared', 1, 1), await parts(url, 'shared', 2, 1)];
    one.work();
    two.work();
    const { span: shared } = await one.ingest(taskYaml, dataUri);
    ({ digest } = shared);
    const [expected, found] = [await contentOf(whole, single), await contentOf(one, shared)];
    expect(expected.parts).toBe(3);
    expect(found).toEqual({ ...expected, parts: found.parts });
    // By time every file lies in one split, but for the two in which a split ends.
    expect(found.parts).toBe(files + 2);
    expect(expected.told).toEqual({ eventTime: 'at', timeFormat: 'iso-8601', id: 'row' });
    await expect.poll(() => stagedIn('shared'), { timeout: 240_000 }).toEqual([]);
  });

  it('goes on from the shards that are done where processes are killed, to the same digest', async () => {
    const url = await database();
    const asking = await parts(url, 'killed', 1, 1);
    const asked = asking.ingest(taskYaml, dataUri);
    for (const due of [1, files + 1]) {
      const pair = await Promise.all([worker(url, 'killed'), worker(url, 'killed')]);
      await expect.poll(async () => (await done(asking)) >= due, { timeout: 240_000, interval: 20 }).toBe(true);
      for (const child of pair) child.kill('SIGKILL');
    }
    asking.work();
    expect((await asked).span.digest).toBe(digest);
    // No shard that was done was done again: an attempt is a new row's or takes over one that was running.
    const { rows } = await asking.pool.query<{ tries: number }>(
      `SELECT tries FROM jobs.jobs WHERE kind IN ('ingestion.scan-shard', 'ingestion.fill-shard')`,
    );
    expect(rows).toHaveLength(2 * files);
    expect(rows.reduce((sum, { tries }) => sum + tries, 0)).toBeLessThanOrEqual(2 * files + 4);
    await expect.poll(() => stagedIn('killed'), { timeout: 240_000 }).toEqual([]);
  }, 600_000);

  it('is refused as a whole where one file is wrong, and leaves nothing', async () => {
    const bad = join(folder, 'bad');
    mkdirSync(bad);
    for (let file = 0; file < 3; file += 1)
      writeFileSync(join(bad, `${file}.csv`), `${file === 2 ? 'n,z' : 'n,y'}\n${'1,0\n2,1\n'.repeat(50)}`);
    const one = await parts(await database(), 'refused', 1, 1);
    one.work();
    const asked = one.ingest('name: bad\ndata: {examples: ["*.csv"]}\nlabel: y\n', pathToFileURL(bad).href);
    await expect(asked).rejects.toThrow(/2\.csv:1: column 2 is "z", in .*0\.csv it is "y"/);
    await expect.poll(() => stagedIn('refused'), { timeout: 240_000 }).toEqual([]);
    expect(await one.metadata.listSpans('bad')).toEqual([]);
  });
});

/** Shards that are done. */
async function done({ pool }: IngestionParts): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int FROM jobs.jobs WHERE kind LIKE 'ingestion.%-shard' AND state = 'succeeded'`,
  );
  return rows[0]?.count ?? 0;
}
