import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import type { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJson } from '@adstocrat/artifact-store';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { PostgresEventBus } from '@adstocrat/event-bus-postgres';
import { PostgresMetadata } from '@adstocrat/metadata-postgres';
import { testDatabase } from '@adstocrat/postgres';
import { type events, topics } from '@adstocrat/schemas';
import { Task, taskYaml } from '@adstocrat/tasks';
import { acceptClicks, acceptImpressions, acceptPredictions } from './join/accept-events.ts';
import { LookAtModel } from './look-at-model.ts';
import { publishAlerts } from './monitor/alerts.ts';
import { publishRetrains } from './monitor/retrain.ts';
import { openPool } from './store/open-pool.ts';
import { migrate } from './store/tables.ts';

const hourMs = 3_600_000;
const model = 'ads';

describe('feedback', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let pool: Pool;
  let bus: PostgresEventBus;
  let metadata: PostgresMetadata;
  let folder: string;
  let nowMs = 0;
  let models: LookAtModel;
  const said: {
    labelled: events.ExampleLabelled[];
    retrains: events.RetrainRequested[];
    alerts: events.MonitorAlerted[];
  } = {
    labelled: [],
    retrains: [],
    alerts: [],
  };

  beforeEach(async () => {
    database = await testDatabase();
    pool = openPool(database.url);
    bus = new PostgresEventBus({ url: database.url });
    metadata = PostgresMetadata.open(database.url);
    folder = mkdtempSync(join(tmpdir(), 'feedback-'));
    for (const list of Object.values(said)) list.length = 0;
    await metadata.migrate();
    await migrate(pool);
    await bus.subscribe(topics.exampleLabelled, { group: 'spec' }, (batch) => {
      said.labelled.push(...batch.map(({ event }) => event));
      return Promise.resolve();
    });
    await bus.subscribe(topics.retrainRequested, { group: 'spec' }, (batch) => {
      said.retrains.push(...batch.map(({ event }) => event));
      return Promise.resolve();
    });
    await bus.subscribe(topics.monitorAlerted, { group: 'spec' }, (batch) => {
      said.alerts.push(...batch.map(({ event }) => event));
      return Promise.resolve();
    });
    nowMs = 1_000_000;
    models = new LookAtModel({
      pool,
      bus,
      metadata,
      store: new LocalArtifactStore(),
      workDir: folder,
      logger: pino({ level: 'silent' }),
      clockSpeed: 1,
      latenessMs: 0,
      nowMs: () => nowMs,
    });
    await deploy({});
  });

  afterEach(async () => {
    await bus.close();
    await metadata.close();
    await pool.end();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A task, a span whose training rows were 60 % news and 40 % games, and version 1 on it, evaluated at an AUC of 0.8. */
  async function deploy(change: Partial<Task>): Promise<void> {
    const task = Task.parse({ name: model, data: { examples: ['*.csv'] }, label: 'clicked', window: '1h', ...change });
    await metadata.putTask({
      name: model,
      yaml: '',
      resolvedYaml: taskYaml(task),
      dataUri: 'file:///data',
      updatedAtMs: 0,
    });
    const uri = `${pathToFileURL(folder).href}/span`;
    const store = new LocalArtifactStore();
    const site = { name: 'site', type: 'string', present: 10_000, missing: 0 };
    const top = [
      { value: 'news', count: 6000 },
      { value: 'games', count: 4000 },
    ];
    for (const [name, value] of [
      [
        'statistics.json',
        { version: 1, rows: 10_000, positives: 500, columns: [{ ...site, categorical: { distinct: 2, top } }] },
      ],
      [
        'data-schema.json',
        { version: 1, columns: [{ name: 'site', type: 'string', role: 'feature', minPresence: 1 }] },
      ],
      ['span.json', { files: {} }],
    ] as const)
      await createJson(store, `${uri}/${name}`, value).catch(() => undefined);
    await metadata.putSpan({
      task: model,
      span: 1,
      kind: 'batch',
      uri,
      digest: 'd',
      inputDigest: 'i',
      trainRows: 10_000,
      validationRows: 0,
      testRows: 0,
      rejectedRows: 0,
      images: 0,
      rejectedImages: 0,
      anomalies: [],
      ready: true,
      createdAtMs: 0,
    });
    await metadata.addVersion({
      model,
      version: 1,
      uri: '',
      digest: '',
      runId: 'r',
      spans: [1],
      state: 'deployed',
      blessed: true,
      reasons: [],
      evaluation: { candidate: { auc: 0.8 } },
      updatedAtMs: 0,
    });
    await metadata
      .appendDeployment({
        model,
        revision: 1,
        versions: [{ version: 1, uri: '', digest: '' }],
        labels: { stable: 1 },
        reason: '',
        split: [{ version: 1, basisPoints: 10_000 }],
        changedAtMs: 0,
      })
      .catch(() => undefined);
  }

  const prediction = (
    id: string,
    eventTimeMs: number,
    change: Partial<events.PredictionMade> = {},
  ): events.PredictionMade => ({
    predictionId: id,
    model,
    version: 1,
    score: 0.1,
    features: {},
    eventTimeMs,
    servedAtMs: 0,
    imageDigest: '',
    ...change,
  });
  const accept = (
    batch: readonly events.PredictionMade[],
    opens: 'prediction' | 'impression' = 'prediction',
  ): Promise<void> => acceptPredictions(pool, batch, () => opens);
  async function settled(): Promise<void> {
    await models.look(model);
    await publishAlerts(pool, bus, undefined);
    await publishRetrains(pool, bus);
  }
  async function labelledOnBus(count: number): Promise<ReadonlyMap<string, boolean>> {
    for (const end = Date.now() + 5000; said.labelled.length < count && Date.now() < end;) await sleep(20);
    // What should not come has a moment to come.
    await sleep(150);
    return new Map(said.labelled.map(({ prediction: made, label }) => [made?.predictionId ?? '', label]));
  }

  it('labels each prediction once when its window is over, whatever came late, twice or first', async () => {
    await acceptClicks(pool, [{ predictionId: 'early-click', eventTimeMs: 500 }]);
    const batch = [
      prediction('clicked', 0),
      prediction('clicked-late', 0),
      prediction('not-clicked', 0),
      prediction('early-click', 0),
      prediction('still-open', 2 * hourMs),
    ];
    await accept(batch);
    await accept(batch);
    await acceptClicks(pool, [
      { predictionId: 'clicked', eventTimeMs: hourMs - 1 },
      { predictionId: 'clicked', eventTimeMs: 10 },
      { predictionId: 'clicked-late', eventTimeMs: hourMs + 1 },
    ]);
    await settled();
    await settled();
    const labels = await labelledOnBus(4);
    expect([...labels].sort()).toEqual([
      ['clicked', true],
      ['clicked-late', false],
      ['early-click', true],
      ['not-clicked', false],
    ]);
    expect(said.labelled).toHaveLength(4);
    const { rows } = await pool.query('SELECT predictions, labelled, clicks FROM feedback.totals');
    expect(rows).toEqual([{ predictions: 5, labelled: 4, clicks: 2 }]);
  });

  it('closes windows by the clock when no traffic moves them on', async () => {
    await accept([prediction('last', 0)]);
    await settled();
    expect((await labelledOnBus(0)).size).toBe(0);
    nowMs += hourMs + 1;
    await settled();
    expect([...(await labelledOnBus(1))]).toEqual([['last', false]]);
  });

  it('opens the window at the impression where the task says so', async () => {
    await deploy({ impressions: 'impression' });
    await acceptImpressions(pool, [{ predictionId: 'seen-first', eventTimeMs: hourMs }]);
    await accept([prediction('seen', 0), prediction('seen-first', 0), prediction('never-seen', 0)], 'impression');
    await acceptImpressions(pool, [{ predictionId: 'seen', eventTimeMs: hourMs }]);
    // Within an hour of the impression, not of the prediction.
    await acceptClicks(pool, [{ predictionId: 'seen', eventTimeMs: 1.5 * hourMs }]);
    await accept([prediction('clock', 3 * hourMs)], 'impression');
    await settled();
    expect([...(await labelledOnBus(2))].sort()).toEqual([
      ['seen', true],
      ['seen-first', false],
    ]);
  });

  /** An hour of 1,000 rows from `fromMs`; `share` of them on a new site; every tenth clicked, told by the score or not. */
  async function hour(name: string, fromMs: number, share: number, told: boolean): Promise<void> {
    const rows = Array.from({ length: 1000 }, (_, row) => {
      const site = row < share * 1000 ? 'new' : row % 5 < 3 ? 'news' : 'games';
      const clicked = row % 10 === 0;
      const score = told ? (clicked ? 0.3 : 0.078) : 0.05 + ((row * 37) % 101) / 1000;
      return {
        clicked,
        made: prediction(`${name}-${row}`, fromMs + row * 3600, { score, features: { site: { text: site } } }),
      };
    });
    await accept(rows.map(({ made }) => made));
    await acceptClicks(
      pool,
      rows
        .filter(({ clicked }) => clicked)
        .map(({ made }) => ({ predictionId: made.predictionId, eventTimeMs: made.eventTimeMs + 1 })),
    );
  }

  it('sees features drift at once, a worse model one window later, and asks for one retrain', async () => {
    await deploy({ thresholds: { minLabelled: 1000 } });
    await hour('calm', 0, 0, true);
    await hour('also-calm', hourMs, 0, true);
    await hour('drifted', 2 * hourMs, 0.6, false);
    await settled();
    const open = async (): Promise<readonly string[]> =>
      (
        await pool.query<{ monitor: string }>(
          'SELECT monitor FROM feedback.alerts WHERE resolved_ms IS NULL ORDER BY number',
        )
      ).rows.map(({ monitor }) => monitor);
    expect(await open()).toEqual([]);
    await accept([prediction('tick-3', 3 * hourMs)]);
    await settled();
    expect(await open()).toEqual(['feature_drift']);
    expect(said.retrains).toEqual([]);
    await accept([prediction('tick-4', 4 * hourMs)]);
    await settled();
    expect(await open()).toEqual(['feature_drift', 'live_auc']);
    // Enough labelled rows to learn from come with the next hours; one request, however often it is looked.
    for (let next = 4; next < 7; next += 1) await hour(`hour-${next}`, next * hourMs, 0.6, false);
    await settled();
    await settled();
    for (const end = Date.now() + 5000; said.retrains.length === 0 && Date.now() < end;) await sleep(20);
    await sleep(150);
    expect(said.retrains).toHaveLength(1);
    expect(said.retrains[0]).toMatchObject({ model, task: model });
    expect(said.retrains[0]?.reason).toMatch(/live AUC of version 1 is 0\.\d+, the limit is 0\.770/);
    expect(said.alerts.map(({ monitor, resolved }) => [monitor, resolved])).toEqual([
      ['feature_drift', false],
      ['live_auc', false],
    ]);
  });

  it('reads live figures without favour to clicks: the click rate is that of closed windows', async () => {
    await hour('one', 0, 0, true);
    // Clicks of the second hour are in; their window is open, and so is that of the rows nobody clicked.
    await hour('two', hourMs, 0, true);
    await settled();
    const { rows } = await pool.query<{ monitor: string; value: number; rows: number }>(
      `SELECT monitor, value, rows FROM feedback.readings WHERE monitor = 'live_calibration'`,
    );
    expect(rows).toEqual([]);
    await accept([prediction('tick', 2 * hourMs)]);
    await settled();
    const { rows: closed } = await pool.query<{ value: number; rows: number }>(
      `SELECT value, rows FROM feedback.readings WHERE monitor = 'live_calibration'`,
    );
    // Mean score (0.1 · 0.3 + 0.9 · 0.078) over the click rate of 0.1.
    expect(closed).toHaveLength(1);
    expect(closed[0]?.rows).toBe(1000);
    expect(closed[0]?.value).toBeCloseTo(1.002, 5);
  });
});
