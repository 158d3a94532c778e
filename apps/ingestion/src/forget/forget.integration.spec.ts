import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openExampleEngine } from '@adstocrat/adapters';
import { joinUri } from '@adstocrat/artifact-store';
import { canonicalText } from '@adstocrat/examples';
import type { SpanRecord } from '@adstocrat/metadata';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { topics } from '@adstocrat/schemas';
import { Person, PersonalKeys } from '@adstocrat/service-kit';
import { decodeChunk } from '../live/live-chunk.ts';
import { hourOf } from '../live/live-hour.ts';
import { shardJob } from '../live/write-shard.ts';
import { type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';
import { batchCsv, incoming, labelled, model, noonMs, range, taskYaml } from '../testing/labelled.ts';
import { forget } from './forget.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-forget-'));
const hour = hourOf(noonMs);
/** The key of `ingestionParts`, and one that was in force before it. */
const keys = PersonalKeys.parse(`${'5'.repeat(64)} ${'6'.repeat(64)}`, 'a test');
const value = 'u7';
const person = Person.of('user', value, keys, canonicalText);
const [now = '', before = ''] = keys.all.map((key) => key.pseudonym(value));
const another = keys.current?.pseudonym('u8') ?? '';
const options = { dryRun: false, signal: new AbortController().signal, onProgress: () => undefined };
let database: TestDatabase;
let parts: IngestionParts;

beforeAll(async () => {
  database = await testDatabase();
  parts = await ingestionParts(database.url, folder);
  parts.work();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'log.csv'), batchCsv());
  await parts.ingest(`${taskYaml}personal: {user: hash}\n`, pathToFileURL(join(folder, 'data')).href);
  // As servers log them: rows of 50 people by the key of now, and one by the key of before.
  const live = (row: number, form: string, at = noonMs) =>
    labelled(row, {
      labelledAtMs: at + row,
      features: { ...labelled(row).prediction?.features, user: { text: form } },
    });
  const rows = range(0, 200).map((row) => live(row, keys.current?.pseudonym(`u${row % 50}`) ?? ''));
  await parts.intake.take(incoming([...rows, live(900, before)]));
  await parts.jobs.request({ kind: shardJob, key: `${model}/${hour}`, payload: { model, hour }, by: 'a test' });
  for await (const _ of parts.jobs.watch(shardJob, `${model}/${hour}`, AbortSignal.timeout(60_000)));
  await parts.intake.take(incoming(range(300, 60).map((row) => live(row, row % 30 === 7 ? now : another))));
  await parts.bus.publish(
    topics.exampleLabelled,
    [live(500, now), live(501, another)].map((event) => ({ key: 'k', source: 'a test', event })),
  );
});
afterAll(async () => {
  await parts.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Everything that is stored, as text: all files, Parquet read; all tables, with what lies compressed in them. */
async function everything(): Promise<string> {
  const found: string[] = [];
  const engine = await openExampleEngine({ workDir: join(folder, 'look') });
  for (const name of readdirSync(join(folder, 'artifacts'), { recursive: true }) as string[]) {
    const path = join(folder, 'artifacts', name);
    if (!statSync(path).isFile()) continue;
    if (!name.endsWith('.parquet')) found.push(`${name}: ${readFileSync(path, 'utf8')}`);
    else
      for await (const { columns } of engine.batches(await engine.openParquet([path])))
        found.push(`${name}: ${JSON.stringify([...columns].map(([column, { values }]) => [column, [...values]]))}`);
  }
  await engine.close();
  const { rows: tables } = await parts.pool.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  for (const { name } of tables) {
    const { rows } = await parts.pool.query<{ text: string }>(`SELECT t::text AS text FROM ${name} t`);
    found.push(...rows.map(({ text }) => `${name}: ${text}`));
  }
  const { rows: chunks } = await parts.pool.query<{ body: Buffer }>('SELECT body FROM ingestion.live_chunks');
  for (const { body } of chunks) found.push(`chunk: ${JSON.stringify(await decodeChunk(body))}`);
  for await (const { event } of parts.bus.scan(topics.exampleLabelled)) found.push(`event: ${JSON.stringify(event)}`);
  return found.join('\n');
}

const count = (text: string, form: string): number => text.split(form).length - 1;
const rowsOf = ({ trainRows, validationRows, testRows }: SpanRecord): number => trainRows + validationRows + testRows;

describe('forget', () => {
  it('says what holds a person’s rows, and changes nothing, in a dry run', async () => {
    // What keeps time for others changes by itself.
    const stored = async (): Promise<string[]> =>
      (await everything()).split('\n').filter((line) => !/^(jobs|event_log)\./.test(line));
    const earlier = await stored();
    const { places, witnesses } = await forget(parts, person, { ...options, dryRun: true });
    // By hand: 400 rows over 40 people in the span; 4 of 200 and one by the old key in the shard; rows 307 and 337 wait; one event.
    expect(places.map(({ place, found, left }) => [place, found, left])).toEqual([
      ['event bus, example.labelled', 1, 1],
      ['labelled rows that wait for a shard', 2, 2],
      ['hourly shards of live rows', 5, 5],
      [`batch span 1 of ${model}`, 10, 10],
    ]);
    expect(witnesses).toEqual([]);
    expect(await stored()).toEqual(earlier);
  });

  it('leaves the person nowhere, by whichever key, and everybody else where they were', async () => {
    const version = {
      model,
      digest: '',
      blessed: true,
      reasons: [],
      updatedAtMs: 0,
      runId: 'r',
      state: 'deployed',
    } as const;
    const uri = pathToFileURL(join(folder, 'artifacts', 'models', model, '1')).href;
    await parts.metadata.addVersion({ ...version, version: 1, spans: [1], uri });
    mkdirSync(join(folder, 'artifacts', 'models', model, '1'), { recursive: true });
    writeFileSync(join(folder, 'artifacts', 'models', model, '1', 'graph.json'), JSON.stringify({ terms: [now] }));
    const [old] = await parts.metadata.listSpans(model);
    const stored = await everything();
    expect([count(stored, now) > 0, count(stored, before) > 0]).toEqual([true, true]);

    const { places, witnesses } = await forget(parts, person, options);
    expect(places.every(({ left }) => left === 0)).toBe(true);
    expect(places.map(({ found }) => found)).toEqual([1, 2, 5, 10]);
    // Models are named and not changed: nothing else has the person from here on.
    expect(witnesses).toEqual([{ model, version: 1, state: 'deployed', files: [`${uri}/graph.json`] }]);
    rmSync(join(folder, 'artifacts', 'models'), { recursive: true });

    const folderOf = (record: SpanRecord | undefined): Promise<unknown[]> =>
      Array.fromAsync(parts.store.list(`${record?.uri ?? ''}/`));
    await expect.poll(() => folderOf(old).then(({ length }) => length), { timeout: 240_000 }).toBe(0);
    const [span] = await parts.metadata.listSpans(model);
    expect(rowsOf(span!)).toBe(rowsOf(old!) - 10);
    expect(span).toMatchObject({ span: 1, inputDigest: old?.inputDigest, ready: true });
    await expect
      .poll(
        async () => (await everything()).split('\n').filter((line) => line.includes(now) || line.includes(before)),
        {
          timeout: 240_000,
        },
      )
      .toEqual([]);
    expect(count(await everything(), another)).toBeGreaterThan(10);
    const { rows } = await parts.pool.query('SELECT column_name, result::text FROM ingestion.forgotten');
    expect(JSON.stringify(rows)).toContain('hourly shards of live rows');
  });

  it('finds nothing the second time, and one at a time', async () => {
    expect(await forget(parts, person, options)).toEqual({ places: [], witnesses: [] });
    const both = await Promise.allSettled([forget(parts, person, options), forget(parts, person, options)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('goes on where it was killed, and does not lose who came before', async () => {
    const other = Person.of('user', 'u8', keys, canonicalText);
    const killed = new AbortController();
    const stopped = forget(parts, other, {
      ...options,
      signal: killed.signal,
      onProgress: (step) => {
        if (step === 'spans') killed.abort(new Error('killed'));
      },
    });
    await expect(stopped).rejects.toThrow('killed');
    const again = await forget(parts, other, options);
    expect(again.places.map(({ place }) => place)).toContain(`batch span 1 of ${model}`);
    // Shards were others by then, and the files of the old ones were not gone.
    expect(again.places.every(({ place, left }) => /^(batch span|files of spans)/.test(place) && left === 0)).toBe(
      true,
    );
    await expect
      .poll(async () => (await everything()).split('\n').filter((line) => line.includes(another)), { timeout: 240_000 })
      .toEqual([]);
  });

  it('finds people by every key after a new one: the same data is another span then, of other names', async () => {
    const yaml = `${taskYaml.replace(model, 'other')}personal: {user: hash}\n`;
    const data = pathToFileURL(join(folder, 'data')).href;
    const first = (await parts.ingest(yaml, data)).span;
    await parts.close();
    parts = await ingestionParts(database.url, folder, { keys: `${'7'.repeat(64)} ${'5'.repeat(64)}` });
    parts.work();
    const second = (await parts.ingest(yaml, data)).span;
    expect([first.span, second.span]).toEqual([1, 2]);
    const both = Person.of('user', 'u9', parts.personalKeys, canonicalText);
    const names = parts.personalKeys.all.map((key) => key.pseudonym('u9'));
    const stored = await everything();
    for (const name of names) expect(stored).toContain(name);
    // 10 of 400 rows each; the old key is that of the other task's span and shard too.
    const { places } = await forget(parts, both, options);
    expect(places.filter(({ place }) => place.endsWith('of other')).map(({ found }) => found)).toEqual([10, 10]);
    await expect
      .poll(async () => (await everything()).split('\n').filter((line) => names.some((name) => line.includes(name))), {
        timeout: 240_000,
      })
      .toEqual([]);
  });

  /** Four rows of somebody as a shard of an hour of their own. */
  async function shardOf(user: string, later: number) {
    const late = range(0, 4).map((row) => {
      const features = { ...labelled(row).prediction?.features, user: { text: user } };
      return labelled(2000 + 10 * later + row, { labelledAtMs: noonMs + later * 3_600_000, features });
    });
    await parts.intake.take(incoming(late));
    const key = `${model}/${hour + later}`;
    await parts.jobs.request({ kind: shardJob, key, payload: { model, hour: hour + later }, by: 'a test' });
    for await (const _ of parts.jobs.watch(shardJob, key, AbortSignal.timeout(60_000)));
    return (await parts.live.allUnused()).find((one) => one.hour === hour + later);
  }

  it('names a shard that cannot be read each time, and goes on with what comes after', async () => {
    const shard = await shardOf('u11', 2);
    await parts.store.remove(`${shard?.uri ?? ''}/examples.parquet`);
    const eleven = Person.of('user', 'u11', parts.personalKeys, canonicalText);
    const unread = {
      place: `shard ${hour + 2} of ${model}`,
      found: 1,
      left: 1,
      why: expect.stringMatching(/^it cannot be read, .*examples\.parquet/) as string,
    };
    const first = await forget(parts, eleven, options);
    expect(first.places).toContainEqual(unread);
    expect(first.places.filter(({ place }) => place.startsWith('batch span')).length).toBeGreaterThan(0);
    expect((await forget(parts, eleven, options)).places).toEqual([unread]);
    await parts.pool.query('DELETE FROM ingestion.live_shards WHERE hour = $1', [hour + 2]);
  });

  it('goes on with the spans where one of them took a shard meanwhile', async () => {
    const shard = await shardOf('u12', 3);
    const { live, jobs } = parts;
    const replace = live.replace.bind(live);
    live.replace = async (old, by, transaction) => {
      await jobs.transaction((another) => live.toSpan([old], 99, another));
      await replace(old, by, transaction);
    };
    const twelve = Person.of('user', 'u12', parts.personalKeys, canonicalText);
    const { places } = await forget(parts, twelve, options);
    live.replace = replace;
    expect(places.length).toBeGreaterThan(0);
    expect(places.every(({ place, left }) => place.startsWith('batch span') && left === 0)).toBe(true);
    // What was written to take its place is gone.
    const files = await Array.fromAsync(parts.store.list(joinUri(parts.artifactsUrl, 'live', model, `${hour + 3}/`)));
    expect(new Set(files.map(({ uri }) => uri.slice(0, uri.lastIndexOf('/'))))).toEqual(new Set([shard?.uri]));
  });
});
