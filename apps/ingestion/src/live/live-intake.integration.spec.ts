import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Pool } from 'pg';
import { PermanentFailure } from '@adstocrat/event-bus';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { incoming, labelled, model, noonMs, range } from '../testing/labelled.ts';
import { dropKeyHours } from './key-hours.ts';
import { hourOf } from './live-hour.ts';
import { LiveIntake } from './live-intake.ts';
import { LiveRows } from './live-rows.ts';
import { migrateLiveTables } from './live-tables.ts';

let database: TestDatabase;
let pool: Pool;
let live: LiveRows;
beforeAll(async () => {
  database = await testDatabase();
  pool = openPool(database.url);
  await migrateLiveTables(pool);
  live = new LiveRows(pool);
});
beforeEach(async () => {
  await pool.query('TRUNCATE ingestion.live_keys, ingestion.live_chunks');
});
afterAll(async () => {
  await closePool(pool);
  await database.drop();
});

const hour = hourOf(noonMs);
async function staged(of = model, at = hour): Promise<readonly (string | undefined)[]> {
  const ids: (string | undefined)[] = [];
  for await (const rows of live.read(await live.chunks(of, at, 1e9)))
    ids.push(...rows.map(({ prediction }) => prediction?.predictionId));
  return ids.toSorted();
}

describe('LiveIntake', () => {
  it('takes a row once, however often and by however many processes it is delivered', async () => {
    const processes = [pool, openPool(database.url), openPool(database.url)];
    const intakes = processes.map((one) => new LiveIntake(one));
    // Batches overlap by half, each is delivered to every process, to one of them twice, each time in another order.
    const batches = range(0, 20).map((batch) => incoming(range(batch * 50, 100).map((row) => labelled(row))));
    const deliveries = batches.flatMap((batch, index) =>
      [...intakes, intakes[index % 3]!].map((intake, turn) => ({ intake, batch: batch.toSorted(() => turn - 1.5) })),
    );
    await Promise.all(deliveries.map(({ intake, batch }) => intake.take([...batch, ...batch.slice(0, 10)])));
    expect(await staged()).toEqual(
      range(0, 1050)
        .map((row) => `live-${row}`)
        .toSorted(),
    );
    await Promise.all(processes.slice(1).map((one) => closePool(one)));
  });

  it('tells rows of two models apart that have one id, and keeps what it was given', async () => {
    const intake = new LiveIntake(pool);
    const given = labelled(7, {
      score: 0.25,
      features: { a: { text: 'a\u0000b' }, b: { number: Infinity }, c: { text: '\u{1f600}' } },
    });
    await intake.take(incoming([given, labelled(7, { model: 'other' })]));
    expect([await staged(), await staged('other')]).toEqual([['live-7'], ['live-7']]);
    for await (const rows of live.read(await live.chunks(model, hour, 1e9))) expect(rows).toMatchObject([given]);
  });

  it('knows a row again whose label is said with another window', async () => {
    const intake = new LiveIntake(pool);
    const servedAtMs = noonMs - 60_000;
    await intake.take(incoming([labelled(1, { servedAtMs })]));
    await intake.take(incoming([labelled(1, { servedAtMs, labelledAtMs: noonMs + 9_000_000 })]));
    expect((await live.waiting()).map(({ rows }) => rows)).toEqual([1]);
  });

  it('puts a row into the hour in which its label became final', async () => {
    const intake = new LiveIntake(pool);
    await intake.take(
      incoming([
        labelled(1, { labelledAtMs: noonMs + 3_599_999 }),
        labelled(2, { labelledAtMs: noonMs + 3_600_000 }),
        labelled(3, { labelledAtMs: noonMs - 1 }),
      ]),
    );
    const hours = [-1, 0, 1].map((change) => staged(model, hour + change));
    expect(await Promise.all(hours)).toEqual([['live-3'], ['live-1'], ['live-2']]);
  });

  it.each([
    ['no prediction', { ...labelled(1), prediction: undefined }],
    ['no id', labelled(1, { predictionId: '' })],
    ['a model with a NUL', labelled(1, { model: 'a\u0000b' })],
    ['a model without a name', labelled(1, { model: '' })],
    ['a time of 0', labelled(1, { labelledAtMs: 0 })],
    ['a time that is none', labelled(1, { labelledAtMs: NaN })],
    ['a time of serving that is none', labelled(1, { servedAtMs: NaN })],
    ['a time after the year 9999', labelled(1, { labelledAtMs: 8e15 })],
  ])('refuses an event with %s for good, and takes nothing of its batch', async (_what, bad) => {
    const intake = new LiveIntake(pool);
    const taken = intake.take(incoming([labelled(1), bad, labelled(2)]));
    await expect(taken).rejects.toThrow(PermanentFailure);
    await expect(taken).rejects.toThrow(/labelled example example\.labelled\//);
    expect(await staged()).toEqual([]);
  });

  it('keeps a large row apart, so that few are in memory at once', async () => {
    const intake = new LiveIntake(pool);
    const large = (row: number) => labelled(row, { features: { text: { text: 'x'.repeat(3 << 20) } } });
    await intake.take(incoming(range(0, 5).map(large)));
    expect((await live.chunks(model, hour, 1e9)).map(({ rows }) => rows)).toEqual([2, 2, 1]);
    expect(await staged()).toHaveLength(5);
  });

  it('forgets the keys of an hour when nothing of it came for long, and takes it up again', async () => {
    const intake = new LiveIntake(pool);
    await intake.take(incoming([labelled(1)], 1_000_000));
    expect(await dropKeyHours(pool, 900_000)).toBe(0);
    await intake.take(incoming([labelled(1), labelled(2)], 2_000_000));
    expect(await staged()).toEqual(['live-1', 'live-2']);
    expect(await dropKeyHours(pool, 1e15)).toBeGreaterThan(0);
    // Another process dropped it: this one thinks that it is there.
    await intake.take(incoming([labelled(3)], 2_000_001));
    expect(await staged()).toEqual(['live-1', 'live-2', 'live-3']);
  });
});
