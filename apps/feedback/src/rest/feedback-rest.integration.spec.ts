import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import type { EventBus, OutgoingEvent, Topic } from '@adstocrat/event-bus';
import { PostgresEventBus } from '@adstocrat/event-bus-postgres';
import { PredictionKeys } from '@adstocrat/service-kit';
import { RestServer } from '@adstocrat/service-kit/rest';
import type { Monitors } from '../grpc/monitors-of.ts';
import { bodyLimit, endpoints, feedbackRest } from './feedback-rest.ts';

/** Keeps each event once, as a bus does. */
class KeptFacts implements Pick<EventBus, 'publish'> {
  readonly events = new Map<string, unknown>();

  publish<T>(topic: Topic<T>, list: readonly OutgoingEvent<T>[]): Promise<void> {
    for (const { id = '', event } of list) {
      // What the bus carries must be what feedback reads.
      this.events.set(id, topic.decode(topic.encode(event)));
    }
    return Promise.resolve();
  }
}

describe('facts over REST', () => {
  let server: RestServer | undefined;
  afterEach(() => server?.stop());

  async function serve(bus: Pick<EventBus, 'publish'>, origins: readonly string[] = []): Promise<string> {
    const keys = new PredictionKeys();
    const routes = feedbackRest({ bus, monitors: {} as Monitors, origins, keys, clock: { nowMs: Date.now } });
    server = new RestServer({
      host: '127.0.0.1',
      port: 0,
      logger: pino({ level: 'silent' }),
      bodyLimit,
      endpoints,
      routes,
    });
    await server.start();
    return `http://127.0.0.1:${server.port}`;
  }
  const post = (url: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}/v1/clicks`, { method: 'POST', body, headers });
  const say = (url: string, fact: object): Promise<Response> => post(url, JSON.stringify(fact));

  it.each<[string, string, RegExp]>([
    ['no id', '{}', /predictionId/],
    ['an empty id', '{"predictionId": ""}', /predictionId is empty/],
    ['an id of 300 bytes', JSON.stringify({ predictionId: 'é'.repeat(150) }), /predictionId is 300 bytes long/],
    ['an id with NUL', '{"predictionId": "a\\u0000"}', /predictionId holds/],
    ['an id with a lone surrogate', '{"predictionId": "a\\ud800"}', /predictionId holds/],
    ['an id that is a number', '{"predictionId": 5}', /predictionId/],
    ['a negative time', '{"predictionId": "a", "eventTimeMs": -1}', /eventTimeMs/],
    ['a time in the year 9999', `{"predictionId": "a", "eventTimeMs": ${Date.UTC(9999, 1)}}`, /eventTimeMs/],
    ['a time that is a string', '{"predictionId": "a", "eventTimeMs": "5"}', /eventTimeMs/],
    ['a time that is no number', '{"predictionId": "a", "eventTimeMs": null}', /eventTimeMs/],
    ['a fraction of a millisecond', '{"predictionId": "a", "eventTimeMs": 1.5}', /eventTimeMs/],
    ['a model with NUL', '{"predictionId": "a", "model": "\\u0000"}', /model/],
    ['a key that is not known', '{"predictionId": "a", "clicked": true}', /clicked/],
    ['the second of two', '[{"predictionId": "a"}, {"predictionId": ""}]', /1\.predictionId is empty/],
    ['an empty list', '[]', /list/],
    ['a list that is too long', JSON.stringify(Array(10_001).fill({ predictionId: 'a' })), /10000/],
    ['no JSON', '{"predictionId": "a"', /JSON|body/i],
    ['no body', '', /JSON|body|expected/i],
    ['no object', '"a"', /expected/],
  ])('refuses %s with 400 and names it', async (_, body, message) => {
    const bus = new KeptFacts();
    const response = await post(await serve(bus), body);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toMatch(message);
    expect(bus.events.size).toBe(0);
  });

  it('takes ids in any script, whatever the content type says, and times ahead', async () => {
    const bus = new KeptFacts();
    const url = await serve(bus);
    expect((await post(url, '[{"prediction_id": "snake", "event_time_ms": 5}, {"predictionId": "b"}]')).status).toBe(
      202,
    );
    const [snake] = [...bus.events.values()];
    expect(JSON.stringify(snake)).toMatch(/"predictionId":"snake"/);
    expect((await post(url, '{"prediction_id": "a", "predictionId": "a"}')).status).toBe(400);
    bus.events.clear();
    for (const predictionId of ['日本', 'a,b', 'p 1', '☃️'])
      expect((await say(url, { predictionId, eventTimeMs: Date.UTC(2099, 0) })).status).toBe(202);
    expect(
      (await post(url, '{"predictionId": "form"}', { 'content-type': 'application/x-www-form-urlencoded' })).status,
    ).toBe(202);
    const without = await fetch(`${url}/v1/conversions`, {
      method: 'POST',
      body: Buffer.from('{"predictionId": "raw"}'),
    });
    expect(without.status).toBe(202);
    expect(bus.events.size).toBe(6);
  });

  it('makes one fact of what is said twice, and lets nothing take the place of another', async () => {
    const bus = new KeptFacts();
    const url = await serve(bus);
    const said = [
      { predictionId: 'p', eventTimeMs: 5 },
      { predictionId: 'p', eventTimeMs: 0, id: 'mine' },
      { predictionId: 'p', eventTimeMs: 1_764_000_000_000 },
      { predictionId: 'p', model: 'ads', eventTimeMs: 5 },
      { predictionId: 'p', id: 'mine', eventTimeMs: 5 },
      { predictionId: 'q', id: 'mine' },
    ];
    for (let time = 0; time < 3; time += 1) for (const fact of said) await say(url, fact);
    expect(bus.events.size).toBe(said.length);
  });

  it('makes a hundred thousand duplicates of one click at most one fact a second', async () => {
    const bus = new KeptFacts();
    const url = await serve(bus);
    const startedMs = Date.now();
    for (let batch = 0; batch < 10; batch += 1)
      await say(
        url,
        Array.from({ length: 10_000 }, () => ({ predictionId: 'p' })),
      );
    expect(bus.events.size).toBeLessThanOrEqual((Date.now() - startedMs) / 1000 + 2);
  });

  it('answers 503 and when to come again while the bus is away', async () => {
    const bus = new PostgresEventBus({ url: 'postgres://nobody@127.0.0.1:1/none' });
    const response = await say(await serve(bus), { predictionId: 'p' });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
    await bus.close();
  });

  it('lets pages of the origins that are listed send facts, and answers their preflight', async () => {
    const url = await serve(new KeptFacts(), ['https://shop.example']);
    const preflight = (origin: string): Promise<Response> =>
      fetch(`${url}/v1/clicks`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    const known = await preflight('https://shop.example');
    expect(known.status).toBe(204);
    expect(known.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect(known.headers.get('access-control-allow-methods')).toContain('POST');
    expect(known.headers.get('access-control-allow-headers')).toContain('content-type');
    expect(known.headers.get('vary')).toBe('origin');
    const other = await preflight('https://evil.example');
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    const refused = await post(url, '{"predictionId": ""}', { origin: 'https://shop.example' });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([400, 'https://shop.example']);
  });

  it.each([
    ['another origin', 'https://evil.example'],
    ['one without a name, as a sandboxed frame', 'null'],
    ['the same host at another port', 'http://127.0.0.1:1'],
  ])('takes nothing from a page of %s, though its browser asks for no leave', async (_, origin) => {
    const bus = new KeptFacts();
    for (const origins of [[], ['https://shop.example']]) {
      // A simple request: no preflight comes before it.
      const response = await post(await serve(bus, origins), '{"predictionId": "p"}', {
        origin,
        'content-type': 'text/plain',
      });
      expect(response.status).toBe(403);
      expect(((await response.json()) as { error: string }).error).toMatch(/FEEDBACK_ORIGINS/);
      await server?.stop();
    }
    expect(bus.events.size).toBe(0);
  });

  it('takes facts from its own host’s pages, and from who is no page', async () => {
    const url = await serve(new KeptFacts());
    const headers = [{ origin: url }, {}];
    for (const one of headers) expect((await post(url, '{"predictionId": "p"}', one)).status).toBe(202);
  });

  it('lets pages of any origin where that is asked for', async () => {
    const url = await serve(new KeptFacts(), ['*']);
    const response = await post(url, '{"predictionId": "p"}', { origin: 'https://any.example' });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([202, '*']);
  });
});
