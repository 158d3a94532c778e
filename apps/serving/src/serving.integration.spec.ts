import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';
import { type events, tensorflowServing as tfs, topics } from '@adstocrat/schemas';
import { ask, type Environment, numbers, type Running, ServingUnderTest, text } from './serving-under-test.ts';

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));
/** Version n answers sigmoid(n − 4). */
const scoreOf = (version: number): number => sigmoid(version - 4);

describe('serving', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let subject: ServingUnderTest;
  const logged: events.PredictionMade[] = [];
  const start = (change?: Environment): Promise<Running> => subject.start(change);

  beforeAll(async () => {
    database = await testDatabase();
    subject = await ServingUnderTest.open(database.url, 6);
    await subject.bus.subscribe(topics.predictionMade, { group: 'spec' }, (batch) => {
      logged.push(...batch.map(({ event }) => event));
      return Promise.resolve();
    });
  });
  afterAll(async () => {
    await subject.close();
    await database.drop();
  });

  async function servedVersion(running: Running, version: number): Promise<void> {
    for (const end = Date.now() + 240_000; ; await sleep(20)) {
      if ((await ask(running, { price: numbers(10) })).version === version) return;
      if (Date.now() > end) throw new Error(`version ${version} is not served within 10 s`);
    }
  }

  it('answers over gRPC and REST alike, and logs each row once', async () => {
    const running = await start();
    try {
      const answer = await ask(running, {
        site: text('news', 'games'),
        price: numbers(10, NaN),
        prediction_id: text('p-1', 'p-2'),
        shown_at: text('2026-04-01T00:00:00Z', ''),
      });
      expect(answer).toMatchObject({ version: 1, headerIds: ['p-1', 'p-2'], bodyIds: [] });
      for (const score of answer.scores) expect(score).toBeCloseTo(scoreOf(1), 6);
      const response = await fetch(`${running.rest}/v1/models/ads:predict`, {
        method: 'POST',
        body: JSON.stringify({ instances: [{ site: 'news', price: 10 }, { price: null }] }),
      });
      const { predictions } = (await response.json()) as { readonly predictions: readonly number[] };
      // Scores are float32, and their fewest digits.
      expect(predictions.map(Math.fround)).toEqual(answer.scores);
      const ids = response.headers.get('adstocrat-prediction-id')?.split(',') ?? [];
      expect(ids).toHaveLength(2);
      for (const end = Date.now() + 240_000; logged.length < 4 && Date.now() < end;) await sleep(20);
      expect(logged.map(({ predictionId }) => predictionId).toSorted()).toEqual(['p-1', 'p-2', ...ids].toSorted());
      expect(logged.find(({ predictionId }) => predictionId === 'p-1')).toMatchObject({
        model: 'ads',
        version: 1,
        eventTimeMs: Date.UTC(2026, 3, 1),
        features: { site: { text: 'news' }, price: { number: 10 }, shown_at: { text: '2026-04-01T00:00:00Z' } },
      });
    } finally {
      await running.stop();
    }
  });

  it.each<{
    why: string;
    inputs: Record<string, tfs.TensorProto>;
    spec?: Partial<tfs.ModelSpec>;
    code: status;
    says: RegExp;
  }>([
    {
      why: 'no input',
      inputs: {},
      code: status.INVALID_ARGUMENT,
      says: /^input size does not match signature: 0!=5 len\(\{\}\)/,
    },
    {
      why: 'an unknown input',
      inputs: { sight: text('x') },
      code: status.INVALID_ARGUMENT,
      says: /^input size .* len\(\{prediction_id,price,shown_at,site,user\}\)\. Sent extra: \{sight\}\. Missing but required: \{\}\.$/,
    },
    {
      why: 'uneven inputs',
      inputs: { site: text('a', 'b'), price: numbers(1) },
      code: status.INVALID_ARGUMENT,
      says: /"site" has 2, "price" has 1/,
    },
    {
      why: 'text in a number',
      inputs: { price: text('dear') },
      code: status.INVALID_ARGUMENT,
      says: /input "price", row 0: "dear" is no finite number/,
    },
    {
      why: 'an unknown model',
      inputs: { price: numbers(1) },
      spec: { name: 'bids' },
      code: status.NOT_FOUND,
      says: /^Servable not found for request: Latest\(bids\)$/,
    },
    {
      why: 'a version that is not deployed',
      inputs: { price: numbers(1) },
      spec: { version: 2n },
      code: status.NOT_FOUND,
      says: /^Servable not found for request: Specific\(ads, 2\)$/,
    },
    {
      why: 'an unknown label',
      inputs: { price: numbers(1) },
      spec: { versionLabel: 'beta' },
      code: status.INVALID_ARGUMENT,
      says: /^Unrecognized servable version label: beta$/,
    },
  ])('refuses $why, and says what is wrong', async ({ inputs, spec, code, says }) => {
    const running = await start();
    try {
      const error = await ask(running, inputs, spec === undefined ? {} : { spec }).then(
        () => ({ code: status.OK, details: '' }),
        (thrown: ServiceError) => thrown,
      );
      expect(error.code).toBe(code);
      expect(error.details).toMatch(says);
    } finally {
      await running.stop();
    }
  });

  it.each([
    { method: 'POST', path: '/v1/models/ads:predict', body: '{"instances": [', code: 400, says: /JSON/ },
    {
      method: 'POST',
      path: '/v1/models/ads:predict',
      body: '{}',
      code: 400,
      says: /Missing 'inputs' or 'instances' key/,
    },
    {
      method: 'POST',
      path: '/v1/models/ads:guess',
      body: '{}',
      code: 400,
      says: /Malformed request: POST \/v1\/models\/ads:guess/,
    },
    {
      method: 'POST',
      path: '/v1/models/bids:predict',
      body: '{"inputs": {"price": 1}}',
      code: 404,
      says: /Latest\(bids\)/,
    },
    {
      method: 'POST',
      path: '/v1/models/ads/labels/beta:predict',
      body: '{"inputs": {"price": 1}}',
      code: 400,
      says: /label: beta/,
    },
    {
      method: 'GET',
      path: '/v1/models/ads/versions/9',
      body: null,
      code: 404,
      says: /Could not find version 9 of model ads/,
    },
    {
      method: 'GET',
      path: '/v1/models/bids',
      body: null,
      code: 404,
      says: /Could not find any versions of model bids/,
    },
    { method: 'GET', path: '/elsewhere', body: null, code: 404, says: /nothing at GET \/elsewhere/ },
  ])('answers $method $path with $code', async ({ method, path, body, code, says }) => {
    const running = await start();
    try {
      const response = await fetch(`${running.rest}${path}`, { method, body });
      expect(response.status).toBe(code);
      const answer = (await response.json()) as { readonly error: string };
      expect(Object.keys(answer)).toEqual(['error']);
      expect(answer.error).toMatch(says);
    } finally {
      await running.stop();
    }
  });

  it('swaps versions under load without a failed request, and takes old ones out', async () => {
    const running = await start();
    try {
      const answers: { readonly version: number; readonly score: number }[] = [];
      let loading = true;
      const client = async (): Promise<void> => {
        while (loading) {
          const { version, scores } = await ask(running, { price: numbers(10) });
          answers.push({ version, score: scores[0] ?? NaN });
        }
      };
      const clients = Promise.all(Array.from({ length: 8 }, client));
      for (const version of [2, 3, 4, 5]) {
        await subject.deploy([version], { stable: version });
        await servedVersion(running, version);
      }
      loading = false;
      // A failed request would reject here.
      await clients;
      expect(new Set(answers.map(({ version }) => version))).toEqual(new Set([1, 2, 3, 4, 5]));
      for (const { version, score } of answers) expect(score).toBeCloseTo(scoreOf(version), 6);
      const response = await fetch(`${running.rest}/v1/models/ads`);
      const body = (await response.json()) as {
        readonly model_version_status: readonly { readonly version: string; readonly state: string }[];
      };
      expect(
        body.model_version_status.filter(({ state }) => state === 'AVAILABLE').map(({ version }) => version),
      ).toEqual(['5']);
      // Its files go a moment later.
      const kept = (): readonly unknown[] =>
        readdirSync(join(subject.folder, 'work/models/ads')).map((name) => name.split('-')[0]);
      await expect.poll(kept, { timeout: 60_000 }).toEqual(['5']);
    } finally {
      await running.stop();
    }
  }, 600_000);

  it('keeps to the split, by the unit, and to labels', async () => {
    await subject.deploy([5, 6], { stable: 5, canary: 6 }, [
      { version: 5, basisPoints: 7000 },
      { version: 6, basisPoints: 3000 },
    ]);
    const running = await start();
    try {
      const byUser = new Map<string, number>();
      for (let user = 0; user < 400; user += 1) {
        const name = `user-${user}`;
        byUser.set(name, (await ask(running, { user: text(name), price: numbers(10) })).version);
      }
      const canary = [...byUser.values()].filter((version) => version === 6).length;
      // Binomial: 120 of 400 with a deviation of 9.2.
      expect(Math.abs(canary - 120)).toBeLessThan(37);
      for (const [user, version] of [...byUser].slice(0, 30))
        expect((await ask(running, { user: text(user), price: numbers(1) })).version).toBe(version);
      expect((await ask(running, { price: numbers(10) }, { spec: { versionLabel: 'canary' } })).version).toBe(6);
      expect((await ask(running, { price: numbers(10) }, { spec: { version: 6n } })).version).toBe(6);
    } finally {
      await running.stop();
    }
  });

  it('hears of a change that nobody said, and stays where it is when a version is damaged', async () => {
    const running = await start();
    try {
      await subject.deploy([5], { stable: 5 }, undefined, false);
      const hasCanary = (): Promise<boolean> =>
        ask(running, { price: numbers(1) }, { spec: { versionLabel: 'canary' } }).then(
          () => true,
          () => false,
        );
      for (const end = Date.now() + 240_000; Date.now() < end && (await hasCanary());) await sleep(50);
      expect(await hasCanary()).toBe(false);
      const damaged = join(subject.folder, 'artifacts', '4', 'model.onnx');
      writeFileSync(damaged, 'no model');
      await subject.deploy([4], { stable: 4 });
      const request = tfs.GetModelStatusRequest.create({ modelSpec: { name: 'ads', version: 4, signatureName: '' } });
      const state = async (): Promise<tfs.ModelVersionStatus | undefined> =>
        new Promise((resolve) =>
          running.models.getModelStatus(request, (_, response) => resolve(response?.modelVersionStatus[0])),
        );
      for (
        const end = Date.now() + 240_000;
        Date.now() < end && (await state())?.state !== tfs.ModelVersionStatus_State.END;
      )
        await sleep(50);
      expect(await state()).toMatchObject({
        state: tfs.ModelVersionStatus_State.END,
        status: { errorMessage: expect.stringMatching(/model\.onnx has 8 bytes/) },
      });
      expect((await ask(running, { price: numbers(10) })).version).toBe(5);
    } finally {
      await running.stop();
    }
  }, 600_000);

  it('starts from what it was last served from when the database is away', async () => {
    const away = 'postgres://127.0.0.1:1/none';
    expect(existsSync(join(subject.folder, 'work/deployments.json'))).toBe(true);
    const running = await start({ DATABASE_URL: away, EVENT_BUS_URL: away });
    try {
      const { version, scores } = await ask(running, { price: numbers(10) });
      expect(version).toBe(5);
      expect(scores[0]).toBeCloseTo(scoreOf(5), 6);
    } finally {
      await running.stop();
    }
  });
});
