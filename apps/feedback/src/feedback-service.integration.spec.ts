import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { credentials, status } from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadLetterTopic, type Topic } from '@adstocrat/event-bus';
import { PostgresEventBus } from '@adstocrat/event-bus-postgres';
import { PostgresMetadata } from '@adstocrat/metadata-postgres';
import { type Fact, labelOf, type LabelRule } from '@adstocrat/monitors';
import { testDatabase } from '@adstocrat/postgres';
import { type events, feedback, topics } from '@adstocrat/schemas';
import { clockFrom, parseClockOrigin, type Resource } from '@adstocrat/service-kit';
import { GrpcServer } from '@adstocrat/service-kit/grpc';
import { RestServer } from '@adstocrat/service-kit/rest';
import { Task, taskYaml } from '@adstocrat/tasks';
import { compose } from './compose.ts';
import { parseConfig } from './config.ts';

const model = 'ads';
/** An hour of server time in a second. */
const speed = 3600;
const rule: LabelRule = { windowMs: 2 * 3_600_000, graceMs: 500 * speed, opens: 'prediction' };

/** One process of the service, in this one. */
interface Running {
  readonly url: string;
  readonly grpc: feedback.FeedbackServiceClient;
  stop(): Promise<void>;
}

describe('two feedback services', () => {
  const folder = mkdtempSync(join(tmpdir(), 'feedback-services-'));
  const origin = `${Date.now()}:${Date.UTC(2030, 0)}`;
  const clock = clockFrom({ CLOCK_SPEED: speed, CLOCK_ORIGIN: parseClockOrigin(origin) });
  const running: Running[] = [];
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let bus: PostgresEventBus;

  async function start(name: string): Promise<Running> {
    const stopping = new AbortController();
    const config = parseConfig({
      EVENT_BUS_URL: database.url,
      DATABASE_URL: database.url,
      ARTIFACTS_URL: pathToFileURL(folder).href,
      WORK_DIR: join(folder, name),
      GRPC_PORT: '0',
      REST_PORT: '0',
      CLOCK_SPEED: String(speed),
      CLOCK_ORIGIN: origin,
      GRACE_MS: '500',
    });
    const resources = await compose(config, pino({ level: 'silent' }), stopping.signal);
    for (const resource of resources) await resource.start();
    const of = <T extends Resource>(kind: new (...args: never[]) => T): T =>
      resources.find((one) => one instanceof kind) as T;
    const grpc = new feedback.FeedbackServiceClient(`127.0.0.1:${of(GrpcServer).port}`, credentials.createInsecure());
    return {
      url: `http://127.0.0.1:${of(RestServer).port}`,
      grpc,
      stop: async () => {
        stopping.abort();
        for (const resource of [...resources].reverse()) await resource.stop();
        grpc.close();
      },
    };
  }

  beforeAll(async () => {
    database = await testDatabase();
    bus = new PostgresEventBus({ url: database.url });
    const metadata = PostgresMetadata.open(database.url);
    await metadata.migrate();
    const task = Task.parse({ name: model, data: { examples: ['*.csv'] }, label: 'clicked', window: '2h' });
    const record = { name: model, yaml: '', resolvedYaml: taskYaml(task), dataUri: 'file:///data', updatedAtMs: 0 };
    await metadata.putTask(record);
    await metadata.close();
    running.push(...(await Promise.all([start('one'), start('two')])));
  });
  afterAll(async () => {
    await Promise.all(running.map((one) => one.stop()));
    await bus.close();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function onBus<T>(topic: Topic<T>): Promise<{ readonly event: T; readonly appendedMs: number }[]> {
    const all = [];
    for await (const one of bus.scan(topic)) all.push(one);
    return all;
  }

  const post = (url: string, path: string, body: unknown): Promise<Response> =>
    fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) });

  const monitors = (client: feedback.FeedbackServiceClient, name: string): Promise<feedback.GetMonitorsResponse> =>
    new Promise((resolve, reject) => {
      client.getMonitors({ model: name }, (error, response) => {
        if (error === null) resolve(response);
        else reject(error);
      });
    });

  it('label every prediction once between them, as the plain rule over what the log holds says', async () => {
    const rows = 1200;
    const servedAtMs = Math.floor(clock.nowMs());
    const clicks = Array.from({ length: rows / 4 }, (_, n) => ({ predictionId: `p${n * 4}` }));
    // Half of the clicks come before their predictions are logged, all of them to either service.
    await Promise.all([
      post(running[0]?.url ?? '', '/v1/clicks', clicks.slice(0, rows / 8)),
      bus.publish(
        topics.predictionMade,
        Array.from({ length: rows }, (_, n) => ({
          id: `prediction.made/${model}/p${n}`,
          key: `p${n}`,
          source: 'spec',
          event: {
            predictionId: `p${n}`,
            model,
            version: 1,
            score: 0.25,
            features: {},
            eventTimeMs: 0,
            servedAtMs,
            imageDigest: '',
          },
        })),
      ),
      post(running[1]?.url ?? '', '/v1/clicks', clicks.slice(rows / 8)),
      post(running[1]?.url ?? '', '/v1/clicks', clicks.slice(0, 10)),
    ]);
    await expect
      .poll(async () => (await onBus(topics.exampleLabelled)).length, { timeout: 240_000, interval: 200 })
      .toBe(rows);
    const facts = new Map<string, Fact[]>();
    for (const { event, appendedMs } of await onBus(topics.clickSeen)) {
      const seenMs = Math.floor(clock.at(appendedMs));
      facts.set(event.predictionId, [
        ...(facts.get(event.predictionId) ?? []),
        { kind: 'click', timeMs: event.eventTimeMs === 0 ? seenMs : Math.min(event.eventTimeMs, seenMs), seenMs },
      ]);
    }
    const labelled = (await onBus(topics.exampleLabelled)).map(({ event }) => event);
    for (const { prediction, label } of labelled) {
      const id = prediction?.predictionId ?? '';
      expect([id, label]).toEqual([id, labelOf(servedAtMs, facts.get(id) ?? [], rule).clicked]);
    }
    const told = await monitors((running[1] as Running).grpc, model);
    expect(told).toMatchObject({ predictions: rows, labelled: rows, waiting: 0 });
    expect(told.clicks).toBe(labelled.filter(({ label }) => label).length);
    expect(told.watermarkMs).toBeGreaterThan(servedAtMs + rule.windowMs);
    expect(told.streams.map(({ topic }) => topic).sort()).toEqual(['click.seen', 'prediction.made']);
  });

  it('put a forged event aside alone, and go on', async () => {
    const forged = (change: Partial<events.PredictionMade>): events.PredictionMade => ({
      predictionId: 'forged',
      model,
      version: 1,
      score: 0.5,
      features: {},
      eventTimeMs: 0,
      servedAtMs: Math.floor(clock.nowMs()),
      imageDigest: '',
      ...change,
    });
    const bad: readonly Partial<events.PredictionMade>[] = [
      { score: NaN },
      { score: 1.5 },
      { predictionId: '' },
      { predictionId: 'nul\0' },
      { predictionId: 'x'.repeat(300) },
      { model: '' },
      { servedAtMs: -1 },
      { servedAtMs: Date.UTC(9999, 1) },
    ];
    const all = [...bad.map(forged), forged({ predictionId: 'true one' }), forged({ model: 'unheard-of' })];
    await bus.publish(
      topics.predictionMade,
      all.map((event) => ({ key: 'one-partition', source: 'spec', event })),
    );
    const dead = { ...topics.predictionMade, name: deadLetterTopic(topics.predictionMade.name) };
    await expect.poll(async () => (await onBus(dead)).length, { timeout: 240_000, interval: 100 }).toBe(bad.length);
    await expect
      .poll(
        async () =>
          (await onBus(topics.exampleLabelled)).some(({ event }) => event.prediction?.predictionId === 'true one'),
        {
          timeout: 240_000,
          interval: 200,
        },
      )
      .toBe(true);
    expect(await monitors((running[0] as Running).grpc, 'unheard-of')).toMatchObject({
      predictions: 1,
      labelled: 0,
      waiting: 1,
    });
  });

  it('find what was scored under an id as it was logged, whichever reads it, and say how far they have looked', async () => {
    const find = (predictionId: string, ofModel = ''): Promise<feedback.FindPredictionsResponse> =>
      new Promise((resolve, reject) => {
        (running[1] as Running).grpc.findPredictions({ predictionId, model: ofModel }, (error, response) => {
          if (error === null) resolve(response);
          else reject(error);
        });
      });
    const twin = (ofModel: string): events.PredictionMade => ({
      predictionId: 'a twin',
      model: ofModel,
      version: 3,
      score: Math.fround(0.1),
      features: { price: { number: -0 }, site: { text: 'news' } },
      eventTimeMs: 1,
      servedAtMs: Math.floor(clock.nowMs()),
      imageDigest: 'ab',
    });
    const made = [twin('zebra'), twin('antelope')];
    const beforeMs = Math.floor(clock.nowMs());
    await bus.publish(
      topics.predictionMade,
      made.map((event) => ({ id: `twin of ${event.model}`, key: event.predictionId, source: 'spec', event })),
    );
    await expect.poll(async () => (await find('a twin')).predictions.length, { timeout: 240_000 }).toBe(2);
    expect((await find('a twin')).predictions).toEqual([made[1], made[0]]);
    expect((await find('a twin', 'zebra')).predictions).toEqual([made[0]]);
    const nothing = await find('a twin', 'lion');
    expect(nothing.predictions).toEqual([]);
    expect(nothing.nowMs).toBeGreaterThan(beforeMs);
    expect(nothing.keptFromMs).toBeGreaterThan(0);
    // Until then everything has been read: what is not found had not come.
    await expect
      .poll(async () => (await find('lost')).readUntilMs, { timeout: 240_000 })
      .toBeGreaterThan(nothing.nowMs);
    await expect(find('')).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    await expect(find('p', 'a\0')).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  it('answer what is no model, or an unknown one, by its code', async () => {
    const client = (running[0] as Running).grpc;
    await expect(monitors(client, '')).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    await expect(monitors(client, 'a\0')).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    await expect(monitors(client, 'nobody')).rejects.toMatchObject({ code: status.NOT_FOUND });
    const { status: code } = await fetch(`${running[0]?.url}/v1/models/nobody/monitors`);
    expect(code).toBe(404);
  });

  it('end a watch of alerts cleanly when the service stops', async () => {
    const third = await start('three');
    const watch = third.grpc.watchAlerts({ model });
    const ended = new Promise((resolve) => {
      watch.on('end', () => {
        resolve('ended');
      });
      watch.on('error', resolve);
    });
    watch.resume();
    await new Promise((resolve) => {
      watch.once('metadata', resolve);
      setTimeout(resolve, 500);
    });
    await third.stop();
    expect(await ended).toBe('ended');
  });
});
