import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';
import { ask, numbers, type Running, ServingUnderTest, text } from './serving-under-test.ts';

describe('metrics', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let subject: ServingUnderTest;
  let running: Running;

  beforeAll(async () => {
    database = await testDatabase();
    subject = await ServingUnderTest.open(database.url, 1, {
      timeRangeMs: [Date.UTC(2025, 0, 1), Date.UTC(2026, 0, 1)],
    });
    running = await subject.start();
  });
  afterAll(async () => {
    await running.stop();
    await subject.close();
    await database.drop();
  });

  const post = async (path: string, body: unknown): Promise<number> =>
    (await fetch(`${running.rest}${path}`, { method: 'POST', body: JSON.stringify(body) })).status;

  it('tell what became of requests, where TensorFlow Serving tells it', async () => {
    // Three rows: one without a price, one of a site that training did not name; the user is in none.
    await ask(running, { price: numbers(10, NaN, 10), site: text('news', 'games', 'a site of its own') });
    expect(await post('/v1/models/ads:predict', { instances: [{ price: 10, site: 'news', user: 'ann' }] })).toBe(200);
    expect(await post('/v1/models/ads:predict', { instances: [{ price: 'dear' }] })).toBe(400);
    for (const model of ['a stranger', 'another'])
      await ask(running, { price: numbers(1) }, { spec: { name: model } }).catch(() => undefined);

    const response = await fetch(`${running.rest}/monitoring/prometheus/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    const told = await response.text();
    // Each line is a comment or a sample: the format's own grammar.
    for (const line of told.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) [a-zA-Z_:]\S* .*|[a-zA-Z_:][\w:]*(\{.*\})? (\+Inf|-?[\d.e+-]+))$/);
    const lines = told.split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'adstocrat_serving_requests_total{protocol="tensorflow-grpc",model="ads",version="1",code="OK"} 1',
        'adstocrat_serving_requests_total{protocol="tensorflow-rest",model="ads",version="1",code="OK"} 1',
        'adstocrat_serving_requests_total{protocol="tensorflow-rest",model="ads",version="",code="INVALID_ARGUMENT"} 1',
        'adstocrat_serving_refused_total{model="ads",reason="input-value"} 1',
        'adstocrat_serving_rows_total{model="ads",version="1"} 4',
        'adstocrat_serving_request_rows_bucket{model="ads",le="4"} 2',
        'adstocrat_serving_features_missing_total{model="ads",column="price"} 1',
        'adstocrat_serving_features_missing_total{model="ads",column="user"} 3',
        'adstocrat_serving_features_unknown_total{model="ads",column="site"} 1',
        'adstocrat_serving_model_loads_total{model="ads",version="1",outcome="loaded"} 1',
        'adstocrat_prediction_log_rows_total{outcome="logged"} 4',
        ':tensorflow:serving:request_count{model_name="ads",status="OK"} 2',
      ]),
    );
    // No row told its time, and no feature reads one.
    expect(told).not.toContain('column="shown_at"');
    // What strangers call their models is not told.
    expect(told).not.toContain('stranger');
  });

  it('count event times that lie ten years and more from those of training, whoever asks', async () => {
    const times = [
      '1970-01-01T00:00:00Z',
      '2014-12-31T23:59:59.999Z',
      '2015-01-01T00:00:00Z',
      '2025-06-01T12:00:00Z',
      '2036-01-01T00:00:00Z',
      '2036-01-01 00:00:00.001',
      '',
    ];
    await ask(running, { shown_at: text(...times) });
    const instances = [{ shown_at: '1970-01-01' }, { shown_at: '2025-06-01' }];
    expect(await post('/v1/models/ads:predict', { instances })).toBe(200);
    // A year of five digits is no time that is read, and is told at once: microseconds taken for milliseconds.
    expect(await post('/v1/models/ads:predict', { instances: [{ shown_at: '57000-01-01T00:00:00Z' }] })).toBe(400);

    const told = await (await fetch(`${running.rest}/monitoring/prometheus/metrics`)).text();
    expect(told.split('\n')).toContain(
      'adstocrat_serving_features_out_of_range_total{model="ads",column="shown_at"} 4',
    );
  });
});
