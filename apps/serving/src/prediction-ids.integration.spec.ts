import { type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';
import { ask, numbers, type Running, ServingUnderTest, text } from './serving-under-test.ts';

describe('the ids of predictions', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let subject: ServingUnderTest;
  let running: Running;

  beforeAll(async () => {
    database = await testDatabase();
    subject = await ServingUnderTest.open(database.url);
    running = await subject.start();
  });
  afterAll(async () => {
    await running.stop();
    await subject.close();
    await database.drop();
  });

  const prices = (rows: number) => numbers(...Array.from({ length: rows }, () => 10));

  interface RestAnswer {
    readonly status: number;
    readonly header: readonly string[];
    readonly body: {
      readonly predictions?: readonly number[];
      readonly prediction_ids?: readonly string[];
      readonly error?: string;
    };
  }

  async function post(
    body: unknown,
    options: { query?: string; headers?: Record<string, string> } = {},
  ): Promise<RestAnswer> {
    const response = await fetch(`${running.rest}/v1/models/ads:predict${options.query ?? ''}`, {
      method: 'POST',
      headers: options.headers ?? {},
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const header = response.headers.get('adstocrat-prediction-id');
    return {
      status: response.status,
      header: header === null ? [] : header.split(',').map(decodeURIComponent),
      body: (await response.json()) as RestAnswer['body'],
    };
  }

  it.each([1, 32, 33, 215, 1000, 60_000])(
    'reach stock clients of both protocols, one for each of %d rows',
    async (rows) => {
      const answer = await ask(running, { price: prices(rows) });
      const few = rows <= 32;
      expect(answer.scores).toHaveLength(rows);
      expect(answer.headerIds).toHaveLength(few ? rows : 0);
      expect(answer.bodyIds).toHaveLength(few ? 0 : rows);
      expect(new Set([...answer.headerIds, ...answer.bodyIds]).size).toBe(rows);
      const { header, body } = await post({ instances: Array.from({ length: rows }, () => ({ price: 10 })) });
      expect(body.predictions).toHaveLength(rows);
      expect(header).toHaveLength(few ? rows : 0);
      expect(new Set([...header, ...(body.prediction_ids ?? [])]).size).toBe(rows);
    },
  );

  it('come in the answer too where they are asked for, and in the header alone where only the score is', async () => {
    const inputs = { price: prices(2), prediction_id: text('x,1', 'ü') };
    const asked = await ask(running, inputs, { metadata: { 'adstocrat-prediction-ids': 'body' } });
    expect(asked).toMatchObject({ headerIds: ['x,1', 'ü'], bodyIds: ['x,1', 'ü'] });
    const named = await ask(running, inputs, { outputFilter: ['score', 'prediction_id'] });
    expect(named.bodyIds).toEqual(['x,1', 'ü']);
    const scoreOnly = await ask(running, inputs, { outputFilter: ['score'] });
    expect(scoreOnly).toMatchObject({ headerIds: ['x,1', 'ü'], bodyIds: [] });
    expect((await ask(running, { price: prices(40) }, { outputFilter: ['score'] })).bodyIds).toEqual([]);
    const rest = await post({ inputs: { price: [1], prediction_id: ['a,b'] } }, { query: '?prediction_ids=body' });
    expect(rest).toMatchObject({ header: ['a,b'], body: { prediction_ids: ['a,b'] } });
  });

  it('stay away where rows are kept out of the log, unless they are asked for', async () => {
    const off = { 'adstocrat-prediction-log': 'off' };
    const spared = await ask(running, { price: prices(1000) }, { metadata: off });
    expect([spared.scores.length, spared.headerIds.length, spared.bodyIds.length]).toEqual([1000, 0, 0]);
    const asked = await ask(
      running,
      { price: prices(40) },
      { metadata: { ...off, 'adstocrat-prediction-ids': 'body' } },
    );
    expect(asked.bodyIds).toHaveLength(40);
    const rest = await post({ instances: [{ price: 1 }] }, { headers: off });
    expect(rest).toMatchObject({ status: 200, header: [] });
    expect(rest.body.prediction_ids).toBeUndefined();
  });

  it.each([
    ['a NUL', text('fine', 'a\0'), /row 1: "a\\u0000" is no id: 1 to 256 bytes of printable UTF-8/],
    ['257 bytes', text('x'.repeat(257)), /row 0: "x+… \(257 characters\)" is no id/],
    ['8 kB', text('x'.repeat(8192)), /row 0: .*\(8192 characters\)/],
    ['bytes that are no UTF-8', text(Buffer.from([0xed, 0xa0, 0x80])), /row 0: these bytes are no UTF-8/],
    ['the same id twice', text('a', 'b', 'a'), /rows 0 and 2 have the same id "a"/],
  ])('are refused before anything is scored where a request gives %s', async (_, ids, says) => {
    const error = await ask(running, { prediction_id: ids }).catch((thrown: ServiceError) => thrown);
    expect(error).toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringMatching(says) });
  });

  it.each([
    ['a lone surrogate', { instances: [{ price: 1, prediction_id: 'a\ud800' }] }, '', /surrogate/],
    ['a control character', { instances: [{ price: 1, prediction_id: 'a\u0007' }] }, '', /is no id/],
    ['a number that is none exactly', { inputs: { prediction_id: [1e20] } }, '', /no exact integer/],
    ['an object', { instances: [{ price: 1, prediction_id: {} }] }, '', /prediction_id/],
    [
      'another place than the body',
      { instances: [{ price: 1 }] },
      '?prediction_ids=head',
      /prediction_ids must be "body"/,
    ],
  ])('are refused over REST with %s', async (_, body, query, says) => {
    const answer = await post(body, { query });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatch(says);
  });

  it.each([
    ['no JSON', 'what?', {}],
    ['half of it', '{"instances": [{"price"', { 'content-type': 'application/json' }],
    ['none at all', '', {}],
    ['another type', '<a/>', { 'content-type': 'text/xml' }],
    ['a list', '[1, 2]', {}],
    ['null', 'null', {}],
  ])('and a body that is %s is answered with 400 and a reason', async (_, body, headers) => {
    const answer = await post(body, { headers });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatch(/\w/);
  });

  it('and a JSON body of any content type, or of none, is read', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'text/plain;charset=UTF-8', 'x/y']) {
      const answer = await post({ instances: [{ price: 1 }] }, { headers: { 'content-type': type } });
      expect(answer.status).toBe(200);
    }
    const response = await fetch(`${running.rest}/v1/models/ads:predict`, {
      method: 'POST',
      // Bytes, for which fetch makes up no content type.
      body: Buffer.from('{"instances": [{"price": 1}]}'),
    });
    expect(response.status).toBe(200);
  });

  it('and a long value that is wrong, or a long name, reaches stock clients as a short error', async () => {
    const long = '文'.repeat(20_000);
    for (const inputs of [{ price: text(long) }, { [long]: numbers(1) }]) {
      const error = await ask(running, inputs).catch((thrown: ServiceError) => thrown);
      expect(error).toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringMatching(/文{59,400}…/) });
      expect((error as ServiceError).details.length).toBeLessThanOrEqual(800);
    }
    const { status: code, body } = await post({ instances: [{ price: long }] });
    expect(code).toBe(400);
    expect(body.error?.length).toBeLessThanOrEqual(800);
  });

  it('and a shape that says more rows than there are takes no memory for them', async () => {
    const huge = { ...numbers(1), tensorShape: { dim: [{ size: 2n ** 40n, name: '' }], unknownRank: false } };
    const error = await ask(running, { price: huge }).catch((thrown: ServiceError) => thrown);
    expect(error).toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringMatching(/at most 262144/) });
  });
});
