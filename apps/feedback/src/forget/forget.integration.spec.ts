import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEventBus } from '@adstocrat/adapters';
import type { EventBus, IncomingEvent } from '@adstocrat/event-bus';
import { canonicalText } from '@adstocrat/examples';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { events, topics } from '@adstocrat/schemas';
import { Person, PersonalKeys } from '@adstocrat/service-kit';
import { acceptFacts, acceptPredictions } from '../facts/accept.ts';
import { predictions } from '../facts/incoming.ts';
import { Slices } from '../store/slices.ts';
import { migrate } from '../store/tables.ts';
import { forget } from './forget.ts';

const person = Person.of('user', 'ada@example.org', PersonalKeys.parse('7'.repeat(64), 'a test'), canonicalText);
const [pseudonym = ''] = person.forms;
const another = '0badc0de-0123456789abcdef';
const request = { column: 'user', forms: [...person.forms], dryRun: false };
let database: TestDatabase;
let pool: Pool;
let bus: EventBus;

const made = (id: string, user: string): events.PredictionMade => ({
  predictionId: id,
  model: 'ads',
  version: 1,
  score: 0.5,
  features: { user: { text: user }, site: { text: 'news' } },
  eventTimeMs: 0,
  servedAtMs: 1000,
  imageDigest: '',
});
const clicked = (id: string): events.ClickSeen => ({ predictionId: id, model: '', eventTimeMs: 0 });

function incoming<T>(id: string, event: T): IncomingEvent<T> {
  return { id, key: id, topic: '', partition: 0, position: '0', appendedMs: 1000, headers: {}, event };
}

beforeAll(async () => {
  database = await testDatabase();
  pool = openPool(database.url);
  await migrate(pool);
  bus = await openEventBus(database.url);
  const store = { pool, slices: new Slices(pool, 3_600_000), serverMs: Math.floor };
  const rows = [made('p1', pseudonym), made('p2', another), made('p3', 'ada@example.org')];
  const clicks = ['p1', 'p2', 'p3'].map(clicked);
  const known = rows.map((row) => predictions.decode(events.PredictionMade.encode(row).finish()));
  await acceptPredictions(
    store,
    known.map((event, row) => incoming(`m${row}`, event)),
  );
  await acceptFacts(
    store,
    'click',
    clicks.map((event, row) => incoming(`c${row}`, event)),
  );
  await pool.query(
    `INSERT INTO feedback.sums (kind, model, version, start_ms, end_ms, lane, state) VALUES ('features', 'ads', 1, 0, 9, 0, $1)`,
    [
      JSON.stringify({
        user: [
          [pseudonym, 2],
          [another, 1],
        ],
      }),
    ],
  );
  await bus.publish(
    topics.predictionMade,
    rows.map((event) => ({ key: event.predictionId, source: 'test', event })),
  );
  await bus.publish(
    topics.clickSeen,
    clicks.map((event) => ({ key: event.predictionId, source: 'test', event })),
  );
});
afterAll(async () => {
  await bus.close();
  await closePool(pool);
  await database.drop();
});

/** What is left, as text. */
async function held(): Promise<string> {
  const found: unknown[] = [];
  for await (const { event } of bus.scan(topics.predictionMade)) found.push(event);
  for await (const { event } of bus.scan(topics.clickSeen)) found.push(event);
  const { rows } = await pool.query<{ event: Buffer }>('SELECT event FROM feedback.predictions');
  for (const { event } of rows) found.push(events.PredictionMade.decode(event));
  const facts = await pool.query('SELECT prediction_id FROM feedback.facts');
  const sums = await pool.query('SELECT state FROM feedback.sums');
  return JSON.stringify([found, facts.rows, sums.rows]);
}

describe('forget', () => {
  it('says what there is in a dry run, and takes it out of bus and tables, clicks too, and nobody else’s', async () => {
    const before = await held();
    const counts = [
      ['event bus, prediction.made', 2],
      ['event bus, click.seen', 2],
      ["predictions in feedback's table", 2],
      ["clicks and impressions in feedback's table", 2],
    ];
    const dry = await forget({ pool, bus }, { ...request, dryRun: true });
    expect(dry.places.map(({ place, found, left }) => [place, found, found - left])).toEqual(
      counts.map(([place, found]) => [place, found, 0]),
    );
    expect(await held()).toBe(before);
    const { places } = await forget({ pool, bus }, request);
    expect(places.map(({ place, found }) => [place, found])).toEqual(counts);
    expect(places.every(({ left }) => left === 0)).toBe(true);
    const after = await held();
    for (const form of [...person.forms, 'p1', 'p3']) expect(after).not.toContain(form);
    for (const form of [another, 'p2']) expect(after.split(form)).toHaveLength(before.split(form).length);
    expect((await forget({ pool, bus }, request)).places).toEqual([]);
  });

  it('takes no empty form for a person', async () => {
    await expect(forget({ pool, bus }, { ...request, forms: [''] })).rejects.toThrow('no form may be empty');
  });
});
