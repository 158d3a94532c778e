import { credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';
import type { events } from '@adstocrat/schemas';
import { serving, topics } from '@adstocrat/schemas';
import { newPredictionKey, PredictionKeys } from '@adstocrat/service-kit';
import { type Running, ServingUnderTest } from '../serving-under-test.ts';

/** Version n of the test's model scores sigmoid(n − 4), whatever the row. */
const scoreOf = (version: number): number => 1 / (1 + Math.exp(4 - version));

type Features = Readonly<Record<string, Partial<serving.Value>>>;
const row = (features: Features, predictionId = ''): serving.Row =>
  serving.Row.create({
    predictionId,
    features: new Map(Object.entries(features).map(([name, value]) => [name, serving.Value.create(value)])),
  });
const target = (change: Partial<serving.Target> = {}): serving.Target =>
  serving.Target.create({ model: 'ads', ...change });

const key = newPredictionKey();
const hourMs = 3_600_000;

describe('ClickService', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let subject: ServingUnderTest;
  let running: Running;
  let client: serving.ClickServiceClient;

  beforeAll(async () => {
    database = await testDatabase();
    subject = await ServingUnderTest.open(database.url, 2);
    await subject.deploy([1, 2], { stable: 1, canary: 2 });
    const keys = { PREDICTION_KEYS: key, PREDICTION_TOKEN_LIFE: '1h' };
    running = await subject.start({ MAX_REQUEST_ROWS: '2000', MAX_REQUEST_VALUES: '4000', ...keys });
    client = new serving.ClickServiceClient(running.address, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await running.stop();
    await subject.close();
    await database.drop();
  });

  const called = <R>(start: (done: (error: ServiceError | null, answer: R) => void) => unknown): Promise<R> =>
    new Promise((resolve, reject) => {
      start((error, answer) => {
        if (error === null) resolve(answer);
        else reject(error);
      });
    });
  const score = (request: Partial<serving.ScoreRequest>): Promise<serving.ScoreResponse> =>
    called((done) => client.score(serving.ScoreRequest.create({ target: target(), row: row({}), ...request }), done));
  const scoreMany = (request: Partial<serving.ScoreManyRequest>): Promise<serving.ScoreManyResponse> =>
    called((done) => client.scoreMany(serving.ScoreManyRequest.create({ target: target(), ...request }), done));
  const post = async (path: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(`${running.rest}/click/v1/models/${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  async function loggedRow(predictionId: string): Promise<events.PredictionMade> {
    for (;;)
      for await (const { event } of subject.bus.scan(topics.predictionMade))
        if (event.predictionId === predictionId) return event;
  }

  it.each<[string, Partial<serving.Target>, number]>([
    ['the stable version', {}, 1],
    ['the version that is asked for', { version: 2n }, 2],
    ['the version of a label', { label: 'canary' }, 2],
  ])('answers a row by %s', async (_, choice, version) => {
    const answer = await score({ target: target(choice), row: row({ site: { text: 'news' } }) });
    expect(answer).toMatchObject({ version: BigInt(version) });
    expect(answer.score).toBeCloseTo(scoreOf(version), 6);
    expect(answer.predictionId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('logs a row as the model saw it: values of every type, and none that was left out', async () => {
    const features = { site: { text: 'games' }, price: { number: 9.5 }, user: { integer: 9007199254740993n } };
    await score({ row: row({ ...features, shown_at: {} }, 'typed/1') });
    expect(await loggedRow('typed/1')).toMatchObject({
      features: { site: { text: 'games' }, price: { number: 9.5 }, user: { text: '9007199254740993' } },
    });
    expect(Object.keys((await loggedRow('typed/1')).features).sort()).toEqual(['price', 'site', 'user']);
  });

  it('answers many rows, each with the id that it was given or a new one, and none where they are not logged', async () => {
    const rows = [row({ site: { text: 'a' } }, 'many/0'), row({ price: { integer: 3n } }), row({})];
    const answer = await scoreMany({ rows });
    expect(answer.scores).toHaveLength(3);
    for (const one of answer.scores) expect(one).toBeCloseTo(scoreOf(1), 6);
    expect(answer.predictionIds[0]).toBe('many/0');
    expect(new Set(answer.predictionIds).size).toBe(3);
    expect(await scoreMany({ rows, unlogged: true })).toMatchObject({ predictionIds: [] });
    expect(await score({ row: row({}, 'x'), unlogged: true })).toMatchObject({ predictionId: '' });
  });

  it('answers each request of a stream in order, and goes on after one that it refuses', async () => {
    const stream = client.scoreStream();
    const sent = [
      { target: target(), row: row({}, 'stream/0') },
      { target: target(), row: row({ colour: { text: 'red' } }) },
      { target: target({ model: 'other' }), row: row({}) },
      { target: target({ version: 2n }), row: row({}, 'stream/3') },
    ];
    for (const request of sent) stream.write(serving.ScoreStreamRequest.create(request));
    stream.end();
    const answers: serving.ScoreStreamResponse[] = [];
    for await (const answer of stream) answers.push(answer as serving.ScoreStreamResponse);
    expect(answers).toMatchObject([
      { answer: { predictionId: 'stream/0', version: 1n }, failure: undefined },
      { answer: undefined, failure: { code: status.INVALID_ARGUMENT, message: expect.stringMatching(/"colour"/) } },
      { failure: { code: status.NOT_FOUND, message: expect.stringMatching(/"other" is not served here/) } },
      { answer: { predictionId: 'stream/3', version: 2n } },
    ]);
  });

  it('signs which predictions it answered, where that is asked for, until their life is over', async () => {
    const keys = PredictionKeys.from({ PREDICTION_KEYS: key });
    const rows = [row({}, 'token/0'), row({}, 'token/1')];
    const beforeMs = Date.now();
    const { tokens } = await scoreMany({ rows, tokens: true });
    const afterMs = Date.now();
    const said = tokens.map((token) => keys.verify(token, beforeMs + hourMs - 1));
    expect(said).toEqual(rows.map(({ predictionId }) => ({ predictionId, model: 'ads' })));
    expect(() => keys.verify(tokens[0] ?? '', afterMs + hourMs + 1000)).toThrow(/expired/);
    expect(keys.verify((await score({ row: row({}, 'token/2'), tokens: true })).token, 0).predictionId).toBe('token/2');
    const rest = await post('ads/score', { features: {}, prediction_id: 'token/3', tokens: true });
    expect(keys.verify(String(rest.body['token']), 0).predictionId).toBe('token/3');
    const many = await post('ads/score-many', { rows: [{ prediction_id: 'token/4' }], tokens: true });
    expect(keys.verify((many.body['tokens'] as readonly string[])[0] ?? '', 0).predictionId).toBe('token/4');
    expect([(await score({})).token, (await scoreMany({ rows: [row({})] })).tokens]).toEqual(['', []]);
  });

  it('says what is missing where it has no key to sign with', async () => {
    const other = await subject.start({}, 'without keys');
    const response = await fetch(`${other.rest}/click/v1/models/ads/score`, {
      method: 'POST',
      body: '{"tokens": true}',
    });
    expect([response.status, await response.text()]).toEqual([400, expect.stringMatching(/PREDICTION_KEYS_FILE/)]);
    await other.stop();
  });

  it('answers over REST what it answers over gRPC', async () => {
    const one = await post('ads/score', {
      features: { site: 'news', price: 1.5 },
      prediction_id: 'rest/1',
      label: 'canary',
    });
    expect(one).toEqual({ status: 200, body: { version: 2, score: expect.any(Number), prediction_id: 'rest/1' } });
    expect(Math.fround(one.body['score'] as number)).toBe((await score({ target: target({ version: 2n }) })).score);
    const exact = '{"features": {"user": 9007199254740993}, "prediction_id": "rest/2"}';
    expect((await post('ads/score', exact)).status).toBe(200);
    expect(await loggedRow('rest/2')).toMatchObject({ features: { user: { text: '9007199254740993' } } });
    const many = await post('ads/score-many', { rows: [{ features: { site: 'a' } }, {}], unlogged: true });
    expect(many).toMatchObject({ status: 200, body: { version: 1, scores: [expect.any(Number), expect.any(Number)] } });
    expect(many.body['prediction_ids']).toBeUndefined();
  });

  it.each<[string, Partial<serving.ScoreRequest>, status, RegExp]>([
    ['no model', { target: target({ model: '' }) }, status.INVALID_ARGUMENT, /target\.model names no model/],
    ['no target', { target: undefined }, status.INVALID_ARGUMENT, /target\.model/],
    ['no row', { row: undefined }, status.INVALID_ARGUMENT, /has no row/],
    ['an unknown model', { target: target({ model: '__proto__' }) }, status.NOT_FOUND, /"__proto__" is not served/],
    ['an unknown version', { target: target({ version: 77n }) }, status.NOT_FOUND, /version 77 of model "ads"/],
    ['a version below 0', { target: target({ version: -1n }) }, status.INVALID_ARGUMENT, /must be 0 to/],
    ['a version beyond 2^53', { target: target({ version: 2n ** 62n }) }, status.INVALID_ARGUMENT, /must be 0 to/],
    ['an unknown label', { target: target({ label: 'constructor' }) }, status.INVALID_ARGUMENT, /no version label/],
    [
      'an unknown name',
      { row: row({ constructor: { text: 'x' } }) },
      status.INVALID_ARGUMENT,
      /"constructor" is no input/,
    ],
    [
      'the name __proto__',
      { row: row({ ['__proto__']: { text: 'x' } }) },
      status.INVALID_ARGUMENT,
      /"__proto__" is no/,
    ],
    ['an id among the features', { row: row({ prediction_id: { text: 'x' } }) }, status.INVALID_ARGUMENT, /beside the/],
    ['an id that is none', { row: row({}, 'a\u0000') }, status.INVALID_ARGUMENT, /is no id/],
    [
      'text for a number',
      { row: row({ price: { text: 'cheap' } }) },
      status.INVALID_ARGUMENT,
      /"price", row 0: "cheap"/,
    ],
    ['infinity', { row: row({ price: { number: Infinity } }) }, status.INVALID_ARGUMENT, /no finite number/],
    [
      'bytes for a text',
      { row: row({ site: { image: Buffer.from('x') } }) },
      status.INVALID_ARGUMENT,
      /under image_bytes/,
    ],
    ['a long value', { row: row({ site: { text: 'x'.repeat(70_000) } }) }, status.INVALID_ARGUMENT, /at most 65536/],
    ['a time that is none', { row: row({ shown_at: { text: 'today' } }) }, status.INVALID_ARGUMENT, /is no time/],
  ])('refuses %s', async (_, request, code, says) => {
    await expect(score(request)).rejects.toMatchObject({ code, details: expect.stringMatching(says) });
  });

  it.each<[string, Partial<serving.ScoreManyRequest>, RegExp]>([
    ['no rows', { rows: [] }, /has no row/],
    ['a row that is wrong', { rows: [row({}), row({ price: { text: 'cheap' } })] }, /"price", row 1: "cheap"/],
    ['two rows of one id', { rows: [row({}, 'twin'), row({}, 'twin')] }, /rows 0 and 1 have the same id "twin"/],
    ['more rows than are answered', { rows: Array.from({ length: 2001 }, () => row({})) }, /2001 rows: at most 2000/],
    [
      'more values than are answered',
      { rows: Array.from({ length: 1800 }, () => row({ site: { text: 'a' }, price: { number: 1 } })) },
      /5400 values, rows × inputs: at most 4000/,
    ],
    [
      'more features than are read',
      { rows: Array.from({ length: 1400 }, () => row({ a: {}, b: {}, c: {} })) },
      /has 4200 values: at most 4000/,
    ],
    ['tokens for rows that nobody is shown', { rows: [row({})], unlogged: true, tokens: true }, /"unlogged", not both/],
    [
      'tokens for many rows',
      { rows: Array.from({ length: 1001 }, () => row({})), tokens: true },
      /at most 1000 rows, the request has 1001/,
    ],
  ])('refuses %s as a whole, and logs nothing of it', async (_, request, says) => {
    const error = await scoreMany(request).catch((thrown: ServiceError) => thrown);
    expect(error).toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringMatching(says) });
  });

  it.each<[string, string, unknown, number, RegExp]>([
    ['no JSON', 'ads/score', '{"features": ', 400, /the body is no JSON/],
    ['a deep nest', 'ads/score', `${'['.repeat(200_000)}`, 400, /the body is no JSON/],
    ['a list', 'ads/score', [], 400, /must be a JSON object/],
    ['a name of its own', 'ads/score', { feature: {} }, 400, /name "feature" that means nothing/],
    ['features that are none', 'ads/score', { features: [1] }, 400, /"features" of row 0 must be an object/],
    [
      'a value that is a list',
      'ads/score',
      { features: { site: ['a'] } },
      400,
      /"site", row 0: holds a list, and the model reads/,
    ],
    ['bytes that are no base64', 'ads/score', { features: { site: { b64: '?' } } }, 400, /"site", row 0/],
    ['version and label', 'ads/score', { version: 1, label: 'stable' }, 400, /not both/],
    ['a version that is no number', 'ads/score', { version: '1' }, 400, /"version" must be a whole number/],
    ['tokens that are a text', 'ads/score', { tokens: 'yes' }, 400, /"tokens" must be true or false/],
    ['rows that are no list', 'ads/score-many', { rows: {} }, 400, /"rows" must be a list/],
    ['a row that is none', 'ads/score-many', { rows: [null] }, 400, /row 0 must be/],
    ['an id that is a number', 'ads/score-many', { rows: [{}, { prediction_id: 1 }] }, 400, /"prediction_id" of row 1/],
    ['an unknown model', 'other/score', {}, 404, /"other" is not served here/],
  ])('refuses %s over REST', async (_, path, body, code, says) => {
    expect(await post(path, body)).toEqual({ status: code, body: { error: expect.stringMatching(says) } });
  });
});
