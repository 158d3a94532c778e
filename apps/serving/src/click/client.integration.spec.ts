import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClickClient, ClientError, overFetch, type StreamRow, type Transport } from '@adstocrat/client';
import { overGrpc } from '@adstocrat/client/grpc';
import { testDatabase } from '@adstocrat/postgres';
import { topics } from '@adstocrat/schemas';
import { newPredictionKey, PredictionKeys } from '@adstocrat/service-kit';
import { type Running, ServingUnderTest } from '../serving-under-test.ts';

const key = newPredictionKey();
const root = resolve(import.meta.dirname, '../../../..');

/** What pages say, as feedback takes it. The first answer is that the bus is away. */
function feedbackThatIsBusy(): Promise<{ readonly url: string; readonly said: readonly string[]; close(): void }> {
  const said: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      said.push(`${request.url} ${body}`);
      response.writeHead(said.length === 1 ? 503 : 202, { 'content-type': 'application/json' });
      response.end(said.length === 1 ? '{"error": "away"}' : '{"accepted": 1}');
    });
  });
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      done({ url: `http://127.0.0.1:${port}`, said, close: () => server.close() });
    });
  });
}

describe('@adstocrat/client', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let subject: ServingUnderTest;
  let servers: Running[];

  beforeAll(async () => {
    database = await testDatabase();
    subject = await ServingUnderTest.open(database.url, 2);
    await subject.deploy([1, 2], { stable: 1, canary: 2 });
    const keys = { PREDICTION_KEYS: key };
    servers = [await subject.start(keys), await subject.start(keys, 'work-2')];
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await subject.close();
    await database.drop();
  });

  const transports: readonly (readonly [string, (some: readonly Running[]) => Transport])[] = [
    ['REST', (some) => overFetch({ addresses: some.map(({ rest }) => rest) })],
    ['gRPC', (some) => overGrpc({ addresses: some.map(({ address }) => address) })],
  ];

  describe.each(transports)('over %s', (name, transportTo) => {
    const clientOf = (some: readonly Running[]): ClickClient =>
      new ClickClient({ model: 'ads', transport: transportTo(some), deadlineMs: 60_000 });

    it('scores rows by the version that is wanted, under the ids that are given', async () => {
      const client = clientOf(servers);
      const features = { site: 'news', price: 9.5, user: 9007199254740993n, shown_at: undefined };
      const one = await client.score(features, { predictionId: `one over ${name}`, label: 'canary' });
      expect(one).toEqual({ version: 2, score: expect.any(Number), predictionId: `one over ${name}`, token: '' });
      // Version 2 of the test's model answers sigmoid(-2).
      expect(one.score).toBeCloseTo(1 / (1 + Math.exp(2)), 6);
      const many = await client.scoreMany([{ features }, { features: {} }], { version: 1 });
      expect([many.version, many.scores.length, new Set(many.predictionIds).size]).toEqual([1, 2, 2]);
      expect(await client.score({}, { unlogged: true })).toMatchObject({ predictionId: '' });
      client.close();
    });

    it.each(name === 'gRPC' ? [false, true] : [false])(
      'scores rows as they come, each answered or refused, in their order (one call: %s)',
      async (oneCall) => {
        const client = clientOf(servers);
        const rows = Array.from({ length: 40 }, (_, at) => ({
          features: at === 7 ? { colour: 'red' } : { price: at },
          predictionId: `streamed over ${name}/${oneCall}/${at}`,
        }));
        const answers = await Array.fromAsync(client.scoreStream(rows, { inFlight: 5, oneCall }));
        expect(answers).toEqual(
          rows.map(({ predictionId }, at) =>
            at === 7
              ? expect.objectContaining({ name: 'ClientError', code: 'INVALID_ARGUMENT' })
              : { version: 1, score: expect.any(Number), predictionId, token: '' },
          ),
        );
        client.close();
      },
    );

    it('brings the token of a prediction', async () => {
      const client = clientOf(servers);
      const { token, predictionId } = await client.score({}, { tokens: true });
      expect(PredictionKeys.from({ PREDICTION_KEYS: key }).verify(token, 0)).toEqual({ predictionId, model: 'ads' });
      client.close();
    });

    it.each([
      ['a name that is none', { colour: 'red' }, {}, 'INVALID_ARGUMENT', /"colour" is no input/],
      ['an infinite number', { price: Infinity }, {}, 'INVALID_ARGUMENT', /"price", row 0|no JSON/],
      ['a version that is none', {}, { version: 77 }, 'NOT_FOUND', /version 77/],
    ] as const)('throws what the server says of %s', async (_what, features, options, code, says) => {
      const client = clientOf(servers);
      const asked = client.score(features, options);
      await expect(asked).rejects.toMatchObject({ name: 'ClientError', code, message: expect.stringMatching(says) });
      client.close();
    });

    it('takes turns, and goes on with the others where one stops', async () => {
      const third = await subject.start({}, `third over ${name}`);
      const client = clientOf([...servers, third]);
      for (let call = 0; call < 9; call += 1) await client.score({});
      await third.stop();
      for (let call = 0; call < 9; call += 1) expect(await client.score({})).toMatchObject({ version: 1 });
      client.close();
    });

    it('says that nobody is there, once the attempts are made', async () => {
      const gone = await subject.start({}, `gone over ${name}`);
      await gone.stop();
      const client = clientOf([gone]);
      await expect(client.score({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      client.close();
    });
  });

  it('has every row of a stream answered where its server is killed, by another', async () => {
    const dies = await subject.startProcess({}, 'dies');
    const client = new ClickClient({
      model: 'ads',
      transport: overGrpc({ addresses: [dies, ...servers].map(({ address }) => address) }),
      deadlineMs: 60_000,
    });
    const rows = async function* (): AsyncGenerator<StreamRow> {
      for (let at = 0; at < 300; at += 1) {
        if (at === 100) dies.child.kill('SIGKILL');
        yield { features: {}, predictionId: `of a killed server/${at}` };
      }
    };
    const answers = await Array.fromAsync(client.scoreStream(rows(), { oneCall: true }));
    expect(answers.map((one) => (one instanceof ClientError ? one.code : one.predictionId))).toEqual(
      Array.from({ length: 300 }, (_, at) => `of a killed server/${at}`),
    );
    client.close();
  });

  it('is one row in the log, however often it was asked for', async () => {
    const [first] = servers;
    const over = overGrpc({ addresses: [first?.address ?? ''] });
    let attempts = 0;
    // The answer is lost on its way once: the server has it, the caller does not know.
    const lossy: Transport = {
      ...over,
      score: async (request, leftMs, signal) => {
        const answer = await over.score(request, leftMs, signal);
        attempts += 1;
        if (attempts > 1) return answer;
        throw new ClientError('UNAVAILABLE', 'the connection is gone');
      },
    };
    const client = new ClickClient({ model: 'ads', transport: lossy, deadlineMs: 60_000 });
    const { predictionId } = await client.score({ site: 'twice' });
    client.close();
    expect(attempts).toBe(2);
    const ids = new Set<string>();
    while (ids.size === 0)
      for await (const { id, event } of subject.bus.scan(topics.predictionMade))
        if (event.features['site']?.text === 'twice') ids.add(`${id} of ${event.predictionId}`);
    expect([...ids]).toEqual([`prediction.made/ads/${predictionId} of ${predictionId}`]);
  });

  it('tells feedback what people did, under one id until it is taken', async () => {
    const feedback = await feedbackThatIsBusy();
    const transport = overFetch({ addresses: [servers[0]?.rest ?? ''] });
    const client = new ClickClient({ model: 'ads', transport, feedback: [feedback.url], deadlineMs: 60_000 });
    await client.shown('p', { eventTimeMs: 1000 });
    await client.clicked('p');
    await client.converted('p');
    await client.clicked({ token: 't' });
    await expect(client.clicked({ token: 't' }, { eventTimeMs: 5 })).rejects.toThrow(/eventTimeMs cannot be said/);
    client.close();
    feedback.close();
    expect(feedback.said[0]).toBe(feedback.said[1]);
    expect(feedback.said[1]).toMatch(
      /^\/v1\/impressions \{"predictionId":"p","model":"ads","id":"[0-9a-f-]{36}","eventTimeMs":1000\}$/,
    );
    expect(feedback.said.slice(2).map((line) => line.split(' ', 1)[0])).toEqual([
      '/v1/clicks',
      '/v1/conversions',
      '/v1/signed/clicks',
    ]);
    expect(feedback.said.at(-1)).toBe('/v1/signed/clicks {"token":"t"}');
  });

  it('works as its README shows', async () => {
    const feedback = await feedbackThatIsBusy();
    const readme = readFileSync(join(root, 'libs/client/README.md'), 'utf8');
    const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
    expect(example).toContain('client.score(');
    // Inside the workspace, so that its packages are found.
    const folder = mkdtempSync(join(root, 'test/.readme-client-'));
    const file = join(folder, 'example.ts');
    const here = example
      .replace('http://127.0.0.1:8501', servers[0]?.rest ?? '')
      .replace('http://127.0.0.1:8502', feedback.url);
    writeFileSync(file, `${here}\nconsole.log(predictionId);\n`);
    const child = spawn(process.execPath, ['--conditions=@adstocrat/source', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (chunk) => (printed += chunk));
    const code = await new Promise((ended) => child.once('exit', ended));
    rmSync(folder, { recursive: true });
    feedback.close();
    expect(code).toBe(0);
    expect(feedback.said.at(-1)).toContain(`"predictionId":"${printed.trim()}"`);
  });
});
