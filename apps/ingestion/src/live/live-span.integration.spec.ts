import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openExampleEngine } from '@adstocrat/adapters';
import { fetchByManifest, readRoot } from '@adstocrat/artifact-folders';
import { joinUri, readText } from '@adstocrat/artifact-store';
import { reservedColumns, type SpanManifest } from '@adstocrat/examples';
import type { Job, JobRecord } from '@adstocrat/jobs';
import type { SpanRecord } from '@adstocrat/metadata';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { type events, topics } from '@adstocrat/schemas';
import { clockOf } from '@adstocrat/service-kit';
import { heardReady, type IngestionParts, ingestionParts } from '../testing/ingestion-parts.ts';
import { batchCsv, incoming, labelled, model, noonMs, range, taskYaml } from '../testing/labelled.ts';
import { hourOf } from './live-hour.ts';
import { LiveSubscriptions } from './live-subscriptions.ts';
import { LiveUpkeep } from './live-upkeep.ts';
import { liveSpanJob } from './write-live-span.ts';
import { shardJob, writeShard } from './write-shard.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-live-'));
const hour = hourOf(noonMs);
let database: TestDatabase;
let one: IngestionParts;
let two: IngestionParts;
let partitions: number;
let ready: readonly events.SpanReady[];

beforeAll(async () => {
  database = await testDatabase();
  one = await ingestionParts(database.url, folder, { instance: 1 });
  two = await ingestionParts(database.url, folder, { instance: 2 });
  ready = await heardReady(one.bus);
  partitions = await one.bus.partitions(topics.exampleLabelled.name);
  one.work();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'log.csv'), batchCsv());
  await one.ingest(taskYaml, pathToFileURL(join(folder, 'data')).href);
});
afterAll(async () => {
  await Promise.all([one.close(), two.close()]);
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Every partition is read up to now, as the bus would say. */
async function readUntil(ms: number): Promise<void> {
  for (let partition = 0; partition < partitions; partition += 1) one.progress.readUntil(partition, ms);
  await one.progress.record();
}

async function retrain(retrainId: string, appendedMs = 1000): Promise<SpanRecord | undefined> {
  const payload = { retrainId, model, task: model, appendedMs };
  await one.jobs.request({ kind: liveSpanJob, key: retrainId, payload, by: retrainId });
  return ended(retrainId);
}

async function ended(retrainId: string): Promise<SpanRecord | undefined> {
  let last: JobRecord | undefined;
  for await (const job of one.jobs.watch(liveSpanJob, retrainId, AbortSignal.timeout(60_000))) last = job;
  expect(last).toMatchObject({ state: 'succeeded' });
  return one.metadata.findSpan(model, `retrain/${retrainId}`);
}

const rowsOf = (span: SpanRecord | undefined): number =>
  (span?.trainRows ?? 0) + (span?.validationRows ?? 0) + (span?.testRows ?? 0);

/** Columns of a span's three splits. */
async function columnsOf(span: SpanRecord, names: readonly string[]) {
  const manifest = await readRoot<SpanManifest>(one.store, span.uri, 'span.json', span.digest);
  const parts = Object.entries(manifest.files).filter(([path]) => path.startsWith('examples/'));
  const local = mkdtempSync(join(folder, 'span-'));
  const engine = await openExampleEngine({ workDir: local });
  try {
    const paths = await fetchByManifest(one.store, span.uri, Object.fromEntries(parts), local);
    return await Array.fromAsync(paths, async (path) => engine.collect(await engine.openParquet([path]), names));
  } finally {
    await engine.close();
  }
}

async function idsOf(span: SpanRecord | undefined): Promise<readonly string[]> {
  if (span === undefined) return [];
  const parts = await columnsOf(span, [reservedColumns.id]);
  return parts.flatMap((columns) => [...(columns.get(reservedColumns.id)?.values ?? [])].map(String)).toSorted();
}

const ids = (...rows: readonly (readonly number[])[]): readonly string[] =>
  rows
    .flat()
    .map((row) => `live-${row}`)
    .toSorted();

describe('a retrain', () => {
  it('makes a span of the labelled rows, like the batch span’s, split by unit, and says so once', async () => {
    await readUntil(2000);
    await one.intake.take(incoming(range(0, 500).map((row) => labelled(row))));
    const span = await retrain('retrain-1');
    expect(span).toMatchObject({ span: 2, kind: 'live', ready: true, rejectedRows: 0 });
    const manifest = await readRoot<SpanManifest>(one.store, span?.uri ?? '', 'span.json', span?.digest);
    // Every fourth row was bought.
    expect(Object.values(manifest.positives).reduce((sum, some) => sum + some, 0)).toBe(125);
    expect(manifest.timeRangeMs).toEqual([1_770_000_000_000, 1_770_000_000_499]);
    const users = new Map<string, Set<number>>();
    let missing = 0;
    const splits = await columnsOf(span!, ['user', 'price', 'row', reservedColumns.id]);
    for (const [side, columns] of splits.entries()) {
      for (const user of columns.get('user')?.values ?? [])
        users.set(String(user), (users.get(String(user)) ?? new Set()).add(side));
      missing += [...(columns.get('price')?.values ?? [])].filter((price) => Number.isNaN(price)).length;
      expect(columns.get('price')?.type).toBe('integer');
      expect(columns.get('row')?.values).toEqual(columns.get(reservedColumns.id)?.values);
    }
    // 50 users, each on one side; a tenth of the prices is missing.
    expect(users.size).toBe(50);
    expect([...users.values()].every((sides) => sides.size === 1)).toBe(true);
    // Binomial(50, 0.2): mean 10, deviation 2.8; three deviations.
    const tested = [...users.values()].filter((sides) => sides.has(2)).length;
    expect(tested).toBeGreaterThan(1);
    expect(tested).toBeLessThan(19);
    expect(missing).toBe(50);
    expect(await idsOf(span)).toEqual(ids(range(0, 500)));
    await expect
      .poll(() => ready.map((event) => [event.span, event.retrainId]), { timeout: 240_000 })
      .toEqual([
        [1, ''],
        [2, 'retrain-1'],
      ]);
  });

  it('takes each row into one span, over hours, shards and requests; a request that comes again changes nothing', async () => {
    await one.intake.take(incoming(range(900, 150).map((row) => labelled(row))));
    await one.jobs.request({ kind: shardJob, key: 'now', payload: { model, hour }, by: 'a spec' });
    for await (const _ of one.jobs.watch(shardJob, 'now', AbortSignal.timeout(60_000)));
    await one.intake.take(incoming(range(1100, 100).map((row) => labelled(row, { labelledAtMs: noonMs - 7_200_000 }))));
    const span = await retrain('retrain-2');
    expect(await idsOf(span)).toEqual(ids(range(900, 150), range(1100, 100)));
    await one.intake.take(incoming(range(2000, 200).map((row) => labelled(row))));
    expect(await retrain('retrain-2')).toEqual(span);
    expect(await idsOf(await retrain('retrain-3'))).toEqual(ids(range(2000, 200)));
  });

  it('sets rows with values that do not fit aside, each with its reason, and takes the rest', async () => {
    const bad = (row: number, price: events.FeatureValue) => labelled(row, { features: { price } });
    await one.intake.take(
      incoming([
        ...range(3000, 120).map((row) => labelled(row)),
        bad(3200, { number: Infinity }),
        bad(3201, { number: 1e30 }),
        bad(3202, { text: 'much' }),
        labelled(3203, { features: { site: { text: 'a\u0000b' } } }),
        // What was left out or is no number is missing, as when it was served.
        bad(3204, { number: NaN }),
        bad(3205, { text: '' }),
      ]),
    );
    const span = await retrain('retrain-4');
    expect(span?.rejectedRows).toBe(4);
    expect(await idsOf(span)).toEqual(ids(range(3000, 120), [3204, 3205]));
    const rejects = await readText(one.store, joinUri(span?.uri ?? '', 'rejects.csv'));
    for (const reason of [
      'is no whole number up to 2^53,price,Infinity',
      'is no whole number up to 2^53,price,1e+30',
      'is no whole number up to 2^53,price,much',
      'holds a NUL,site,a\\0b',
    ])
      expect(rejects).toContain(reason);
    expect(rejects.match(/\/live\/shop\/\d+\/\d+,12[1-4],/g)).toHaveLength(4);
  });

  it('makes no span of a handful of rows, and keeps them for the next request', async () => {
    await one.intake.take(incoming(range(4000, 60).map((row) => labelled(row))));
    expect(await retrain('retrain-5')).toBeUndefined();
    await one.intake.take(incoming(range(4100, 60).map((row) => labelled(row))));
    expect(await idsOf(await retrain('retrain-6'))).toEqual(ids(range(4000, 60), range(4100, 60)));
  });

  it('waits until every label that was said before it is taken in', async () => {
    await one.intake.take(incoming(range(5000, 100).map((row) => labelled(row))));
    await readUntil(10_000);
    const span = retrain('retrain-7', 20_000);
    await one.intake.take(incoming(range(5200, 100).map((row) => labelled(row))));
    await readUntil(20_000);
    expect(rowsOf(await span)).toBe(200);
  });
});

describe('a shard', () => {
  it('that was written by a process which died before it was recorded loses no row and doubles none', async () => {
    await one.intake.take(incoming(range(6000, 130).map((row) => labelled(row))));
    const died: Pick<Job<unknown>, 'finish' | 'advanced' | 'output'> = {
      finish: () => Promise.reject(new Error('killed')),
      advanced: () => Promise.resolve(),
      output: () => Promise.resolve(),
    };
    const attempt = { ...died, kind: '', key: '', attempt: 999_999, tries: 1, report: () => undefined };
    const signal = new AbortController().signal;
    const job = { ...attempt, payload: { model, hour }, signal };
    await expect(writeShard(two, two.live, job)).rejects.toThrow('killed');
    await one.intake.take(incoming(range(6130, 20).map((row) => labelled(row))));
    expect(await idsOf(await retrain('retrain-8'))).toEqual(ids(range(6000, 150)));
  });

  it('is recorded once where two attempts have the same rows', async () => {
    await one.intake.take(incoming(range(6500, 110).map((row) => labelled(row))));
    const chunks = await one.live.chunks(model, hour, 1e9);
    const shard = (number: number) => ({ model, hour, shard: number, uri: 'file:///none', digest: '', rows: 110 });
    const record = (parts: IngestionParts, number: number): Promise<void> =>
      parts.jobs.transaction((transaction) => parts.live.toShard(chunks, shard(number), transaction));
    const outcomes = await Promise.allSettled([record(one, 1_000_001), record(two, 1_000_002)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect((await one.live.unused(model)).filter(({ uri }) => uri === 'file:///none')).toHaveLength(1);
    await one.pool.query(`DELETE FROM ingestion.live_shards WHERE uri = 'file:///none'`);
  });
});

describe('the upkeep', () => {
  const upkeep = (change: Partial<ConstructorParameters<typeof LiveUpkeep>[0]> = {}): LiveUpkeep =>
    new LiveUpkeep({
      ...one,
      clock: clockOf(),
      keepHours: 24 * 365 * 100,
      keysHours: 1,
      settleMs: 0,
      ...change,
    });

  it('brings an hour into a shard when the labels are read past its end, on a clock of any speed', async () => {
    await one.intake.take(incoming(range(7000, 30).map((row) => labelled(row))));
    // An hour passes in five seconds of the wall: noon at 100,000 of it, one o'clock at 105,000.
    const clock = clockOf({ speed: 720, origin: { wallMs: 100_000, systemMs: noonMs } });
    await readUntil(104_999);
    await upkeep({ clock }).look();
    expect((await one.live.waiting()).map((rows) => rows.rows)).toEqual([30]);
    await readUntil(105_000);
    await upkeep({ clock }).look();
    await expect
      .poll(async () => (await one.live.unused(model)).map(({ rows }) => rows), { timeout: 240_000 })
      .toEqual([30]);
    expect(await one.live.waiting()).toEqual([]);
  });

  it('removes the files of shards that are in a span, and gives up rows that no retrain took', async () => {
    const gone = await one.live.unused(model);
    expect(gone).toHaveLength(1);
    await upkeep().remove();
    // Those of the spans above.
    expect(await one.live.done()).toEqual([]);
    expect(await one.live.unused(model)).toEqual(gone);
    await one.intake.take(incoming(range(7100, 5).map((row) => labelled(row, { labelledAtMs: noonMs + 86_400_000 }))));
    // By now the clock shows a day and an hour after noon: of the rows those of the first day are older than two hours.
    await readUntil(200_000);
    const clock = clockOf({ origin: { wallMs: 200_000, systemMs: noonMs + 25 * 3_600_000 } });
    await upkeep({ clock, keepHours: 2 }).remove();
    expect(await one.live.unused(model)).toEqual([]);
    expect((await one.live.waiting()).map((rows) => rows.rows)).toEqual([5]);
    const left = await Array.fromAsync(one.store.list(`${one.artifactsUrl}/live/`));
    expect(left.map(({ uri }) => uri).filter((uri) => !uri.includes('/999999/'))).toEqual([]);
  });
});

describe('two processes on one bus', () => {
  it('take every row of it in once, though each is published three times, and answer a retrain with all of them', async () => {
    await one.pool.query('TRUNCATE ingestion.live_chunks, ingestion.live_progress');
    two.work();
    const dependenciesAnswer = (): Promise<boolean> => Promise.resolve(true);
    const both = [one, two].map((parts) => new LiveSubscriptions({ ...parts, dependenciesAnswer }));
    await Promise.all(both.map((subscriptions) => subscriptions.start()));
    const rows = range(10_000, 1500);
    const publish = (turn: number): Promise<void> =>
      one.bus.publish(
        topics.exampleLabelled,
        rows.map((row) => ({
          // Three events: as Kafka has what is published again.
          id: `example.labelled/${row}/${turn}`,
          key: `live-${row}`,
          source: 'feedback',
          event: labelled(row),
        })),
      );
    await Promise.all([publish(1), publish(2)]);
    await both[1]?.stop();
    await publish(3);
    const event = {
      retrainId: 'retrain-9',
      model,
      task: model,
      reason: '',
      eventTimeMs: 0,
      requestedAtMs: 0,
      untilMs: 0,
    };
    await two.bus.publish(topics.retrainRequested, [{ id: 'retrain-9', key: model, source: 'feedback', event }]);
    expect(await idsOf(await ended('retrain-9'))).toEqual(ids(rows));
    await both[0]?.stop();
  });
});
