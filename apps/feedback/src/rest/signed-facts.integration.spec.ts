import { counted } from './counted.fixture.ts';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PostgresEventBus } from '@adstocrat/event-bus-postgres';
import { testDatabase } from '@adstocrat/postgres';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { topics } from '@adstocrat/schemas';
import { newPredictionKey, PredictionKeys } from '@adstocrat/service-kit';
import { RestServer } from '@adstocrat/service-kit/rest';
import { acceptFacts } from '../facts/accept.ts';
import type { Monitors } from '../grpc/monitors-of.ts';
import { Slices } from '../store/slices.ts';
import { migrate } from '../store/tables.ts';
import { expectPartitions } from '../watermark/progress.ts';
import { bodyLimit, endpoints, feedbackRest } from './feedback-rest.ts';

const nowMs = Date.UTC(2030, 0, 1);
const endMs = nowMs + 60_000;
const [own, old, foreign] = [newPredictionKey(), newPredictionKey(), newPredictionKey()];
const signing = PredictionKeys.from({ PREDICTION_KEYS: own });
const of = (predictionId: string): string => signing.sign({ predictionId, model: 'ads' }, endMs);

describe('facts with a prediction token', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let bus: PostgresEventBus;
  let server: RestServer | undefined;

  beforeAll(async () => {
    database = await testDatabase();
    bus = new PostgresEventBus({ url: database.url });
  });
  afterEach(() => server?.stop());
  afterAll(async () => {
    await bus.close();
    await database.drop();
  });

  async function serve(keys = `${own} ${old}`): Promise<(kind: string, body: unknown) => Promise<[number, string]>> {
    const clock = { nowMs: () => nowMs };
    const accepted = PredictionKeys.from(keys === '' ? {} : { PREDICTION_KEYS: keys });
    const routes = feedbackRest({ bus, monitors: {} as Monitors, origins: [], keys: accepted, clock });
    const common = { host: '127.0.0.1', port: 0, logger: pino({ level: 'silent' }) };
    server = new RestServer({ ...common, bodyLimit, endpoints, routes });
    await server.start();
    return async (kind, body) => {
      const url = `http://127.0.0.1:${server?.port}/v1/signed/${kind}`;
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
      return [response.status, await response.text()];
    };
  }

  it('are those of the prediction that the token says, at the time when they are heard', async () => {
    const say = await serve();
    const older = PredictionKeys.from({ PREDICTION_KEYS: old }).sign({ predictionId: 's/2', model: 'ads' }, endMs);
    expect(await say('impressions', { token: of('s/1') })).toEqual([202, '{"accepted":1}']);
    expect(await say('clicks', [{ token: of('s/1') }, { token: older }])).toEqual([202, '{"accepted":2}']);
    const clicks = [];
    for await (const { event } of bus.scan(topics.clickSeen)) clicks.push(event);
    expect(clicks).toEqual(
      expect.arrayContaining([
        { predictionId: 's/1', model: 'ads', eventTimeMs: 0 },
        { predictionId: 's/2', model: 'ads', eventTimeMs: 0 },
      ]),
    );
  });

  it.each<[string, () => unknown, number, string, RegExp]>([
    ['a token that was altered', () => ({ token: `${of('a').slice(0, -2)}AA` }), 403, 'token_signature', /altered/],
    [
      'a token that has expired',
      () => ({ token: signing.sign({ predictionId: 'a', model: 'ads' }, nowMs) }),
      403,
      'token_expired',
      /expired at 2030-01-01T00:00:00/,
    ],
    [
      'a token of another system',
      () => ({
        token: PredictionKeys.from({ PREDICTION_KEYS: foreign }).sign({ predictionId: 'a', model: 'ads' }, endMs),
      }),
      403,
      'token_unknown_key',
      /not accepted here/,
    ],
    ['an invented token', () => ({ token: 'a' }), 400, 'token_malformed', /none of a prediction/],
    ['one of two', () => [{ token: of('a') }, { token: 'a' }], 400, 'token_malformed', /none of a prediction/],
    ['a plain id', () => ({ predictionId: 'a' }), 400, 'invalid', /as serving signed it/],
    ['an id beside the token', () => ({ token: of('a'), predictionId: 'b' }), 400, 'invalid', /nothing beside it/],
    ['a time beside the token', () => ({ token: of('a'), eventTimeMs: 5 }), 400, 'invalid', /nothing beside it/],
    ['no token', () => ({}), 400, 'invalid', /as serving signed it/],
    ['more than a thousand', () => Array(1001).fill({ token: 'a' }), 400, 'invalid', /1 to 1000/],
  ])('are refused with %s, and counted', async (_what, body, status, reason, says) => {
    const say = await serve();
    const before = await counted('feedback.requests.refused', { kind: 'click', reason });
    expect(await say('clicks', body())).toEqual([status, expect.stringMatching(says)]);
    expect(await counted('feedback.requests.refused', { kind: 'click', reason })).toBe(before + 1);
    for await (const { event } of bus.scan(topics.clickSeen)) expect(event.predictionId).not.toMatch(/^[ab]$/);
  });

  it('are refused where there is no key', async () => {
    const say = await serve('');
    expect(await say('clicks', { token: of('a') })).toEqual([400, expect.stringMatching(/PREDICTION_KEYS_FILE/)]);
  });

  it('are one however often a token is shown, and each time more is counted', async () => {
    const say = await serve();
    for (let time = 0; time < 3; time += 1) expect((await say('conversions', { token: of('r') }))[0]).toBe(202);
    const pool = openPool(database.url);
    await migrate(pool);
    await expectPartitions(pool, bus);
    const store = { pool, slices: new Slices(pool, 3_600_000), serverMs: Math.floor };
    const before = await counted('feedback.facts.repeated', { kind: 'conversion' });
    // PostgreSQL's log keeps one of a kind; Kafka delivers all three.
    const kept = await Array.fromAsync(bus.scan(topics.conversionSeen));
    expect(kept).toHaveLength(1);
    await acceptFacts(store, 'conversion', [...kept, ...kept, ...kept]);
    const { rows } = await pool.query(`SELECT prediction_id, model FROM feedback.facts WHERE kind = 'conversion'`);
    await closePool(pool);
    expect(rows).toEqual([{ prediction_id: 'r', model: 'ads' }]);
    expect(await counted('feedback.facts.repeated', { kind: 'conversion' })).toBe(before + 2);
  });
});
