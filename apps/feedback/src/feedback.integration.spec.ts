import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '@adstocrat/artifact-folders';
import { createJson } from '@adstocrat/artifact-store';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import type { IncomingEvent, Topic } from '@adstocrat/event-bus';
import { PostgresEventBus } from '@adstocrat/event-bus-postgres';
import { PostgresMetadata } from '@adstocrat/metadata-postgres';
import { testDatabase } from '@adstocrat/postgres';
import { closePool, inTransaction, openPool } from '@adstocrat/postgres-client';
import { events, topics } from '@adstocrat/schemas';
import { clockOf } from '@adstocrat/service-kit';
import { Task, taskYaml } from '@adstocrat/tasks';
import { type Feedback, keepSlices, longestHorizonMs } from './duties/feedback.ts';
import { retaining } from './duties/retaining.ts';
import { acceptFacts, acceptPredictions } from './facts/accept.ts';
import { predictions, type SaidFact } from './facts/incoming.ts';
import { labelModel } from './join/label-model.ts';
import { openAlerts as alertsOf } from './grpc/watch-alerts.ts';
import { publishAlerts } from './monitor/alerts.ts';
import { Baselines } from './monitor/baseline.ts';
import { publishRetrains } from './monitor/retrain.ts';
import { watchModel } from './monitor/watch-model.ts';
import { takeEndedWindow } from './monitor/window-sums.ts';
import { countsOf } from './store/counts.ts';
import { dropEndedSlices } from './store/retention.ts';
import { Slices } from './store/slices.ts';
import { migrate } from './store/tables.ts';
import { Tasks } from './tasks.ts';
import { expectPartitions, noteReadUntil, streams, watermarkOf } from './watermark/progress.ts';

const hourMs = 3_600_000;
const model = 'ads';
/** Server time and the bus's are one here, and begin at day 100 of 1970. */
const dayMs = 100 * 24 * hourMs;
const never = new AbortController().signal;

describe('feedback', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let bus: PostgresEventBus;
  let metadata: PostgresMetadata;
  let folder: string;
  let parts: Feedback;
  let baselines: Baselines;

  beforeEach(async () => {
    database = await testDatabase();
    const pool = openPool(database.url);
    bus = new PostgresEventBus({ url: database.url });
    metadata = PostgresMetadata.open(database.url);
    folder = mkdtempSync(join(tmpdir(), 'feedback-'));
    await metadata.migrate();
    await migrate(pool);
    await expectPartitions(pool, bus);
    const clock = clockOf();
    const store = new LocalArtifactStore();
    parts = {
      pool,
      bus,
      metadata,
      store,
      clock,
      tasks: new Tasks(metadata, clock, 0),
      slices: new Slices(pool, hourMs),
      serverMs: Math.floor,
      workDir: folder,
      logger: pino({ level: 'silent' }),
    };
    baselines = new Baselines(parts);
    await deploy({});
  });

  afterEach(async () => {
    await bus.close();
    await metadata.close();
    await closePool(parts.pool);
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A task, a span whose training rows were 60 % news and 40 % games, and version 1 on it, evaluated at an AUC of 0.8. */
  async function deploy(change: Partial<Task>): Promise<void> {
    const task = Task.parse({ name: model, data: { examples: ['*.csv'] }, label: 'clicked', window: '1h', ...change });
    await metadata.putTask({
      name: task.name,
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
      ['span.json', { files: {}, digest: digestOf({ files: {} }) }],
    ] as const)
      await createJson(store, `${uri}/${name}`, value).catch(() => undefined);
    await metadata.putSpan({
      task: model,
      span: 1,
      kind: 'batch',
      uri,
      digest: digestOf({ files: {} }),
      inputDigest: 'i',
      trainRows: 10_000,
      validationRows: 0,
      testRows: 0,
      rejectedRows: 0,
      images: 0,
      rejectedImages: 0,
      anomalies: [],
      notes: [],
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

  /** A scored row, served `atMs` after the beginning and seen then too, unless it is said otherwise. */
  function scored(
    id: string,
    atMs: number,
    change: Partial<events.PredictionMade> & { readonly seenMs?: number } = {},
  ): IncomingEvent<ReturnType<typeof predictions.decode>> {
    const { seenMs = atMs, ...fields } = change;
    const bytes = events.PredictionMade.encode({
      predictionId: id,
      model,
      version: 1,
      score: 0.1,
      features: {},
      eventTimeMs: 0,
      servedAtMs: dayMs + atMs,
      imageDigest: '',
      ...fields,
    }).finish();
    return incoming(`prediction.made/${fields.model ?? model}/${id}`, seenMs, predictions.decode(bytes));
  }

  /** A fact seen `atMs` after the beginning; its client says it was then, unless it is said otherwise. */
  const fact = (id: string, atMs: number, change: Partial<SaidFact> & { readonly seenMs?: number } = {}) => {
    const { seenMs = atMs, ...fields } = change;
    const event = { predictionId: id, eventTimeMs: dayMs + atMs, model: '', ...fields };
    return incoming(`${JSON.stringify(event)} ${seenMs}`, seenMs, event);
  };

  function incoming<T>(id: string, seenMs: number, event: T): IncomingEvent<T> {
    return { id, key: id, topic: '', partition: 0, position: '0', appendedMs: dayMs + seenMs, headers: {}, event };
  }

  /** Every partition of some streams, all unless said otherwise, has been read up to `atMs` after the beginning. */
  const readUntil = (atMs: number, topicNames: readonly string[] = streams): Promise<unknown> =>
    parts.pool.query('UPDATE feedback.progress SET read_until_ms = $1 WHERE topic = ANY($2)', [
      dayMs + atMs,
      topicNames,
    ]);

  async function settled(): Promise<void> {
    await labelModel(parts, model, 0, never);
    await watchModel(parts, baselines, model, never);
    await publishAlerts(parts.pool, bus);
    await publishRetrains(parts.pool, bus);
  }

  async function said<T>(topic: Topic<T>): Promise<readonly T[]> {
    const all: T[] = [];
    for await (const { event } of bus.scan(topic)) all.push(event);
    return all;
  }

  const labels = async (): Promise<readonly (readonly [string, boolean])[]> =>
    (await said(topics.exampleLabelled))
      .map(({ prediction, label }) => [prediction?.predictionId ?? '', label] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));

  it('labels each prediction once when its window has been read past, whatever came twice or first', async () => {
    await acceptFacts(parts, 'click', [fact('early-click', 500)]);
    const batch = [
      scored('clicked', 0),
      scored('clicked-late', 0),
      scored('not-clicked', 0),
      scored('early-click', 0, { seenMs: 800 }),
      scored('still-open', 2 * hourMs),
    ];
    await acceptPredictions(parts, batch);
    await acceptPredictions(parts, batch);
    await acceptFacts(parts, 'click', [
      fact('clicked', hourMs - 1),
      fact('clicked', 10),
      fact('clicked-late', hourMs + 1),
      fact('nobody', 5),
    ]);
    await readUntil(2 * hourMs);
    await settled();
    await settled();
    expect(await labels()).toEqual([
      ['clicked', true],
      ['clicked-late', false],
      ['early-click', true],
      ['not-clicked', false],
    ]);
    const counts = await countsOf(parts.pool, model);
    expect(Object.fromEntries(counts)).toMatchObject({
      predictions: 5,
      labelled: 4,
      clicks: 2,
      'click.duplicate': 1,
      'click.early': 1,
    });
    const [first] = await said(topics.exampleLabelled);
    expect(first).toMatchObject({ openedAtMs: dayMs, labelledAtMs: dayMs + hourMs });
  });

  it('is moved by nothing that a client says: an event time of the future closes no window and counts when it was seen', async () => {
    await acceptPredictions(parts, [scored('a', 0), scored('b', 0)]);
    await acceptFacts(parts, 'click', [fact('a', 10, { eventTimeMs: Date.UTC(2099, 0, 1) })]);
    await readUntil(1000);
    await settled();
    expect(await labels()).toEqual([]);
    expect((await watermarkOf(parts.pool, parts.clock, streams)).untilMs).toBe(dayMs + 1000);
    await acceptFacts(parts, 'click', [fact('b', 2000)]);
    await readUntil(hourMs + 1);
    await settled();
    expect(await labels()).toEqual([
      ['a', true],
      ['b', true],
    ]);
    expect((await countsOf(parts.pool, '')).get('click.clamped')).toBe(1);
  });

  it('waits for a backlog of clicks, and says which partition holds it back', async () => {
    await acceptPredictions(parts, [scored('a', 0)]);
    await readUntil(5 * hourMs, [topics.predictionMade.name, topics.impressionSeen.name, topics.conversionSeen.name]);
    await settled();
    expect(await labels()).toEqual([]);
    const { untilMs, heldBackBy } = await watermarkOf(parts.pool, parts.clock, streams);
    expect([untilMs, heldBackBy]).toEqual([0, { topic: 'click.seen', partition: 0, readUntilMs: 0 }]);
    await acceptFacts(parts, 'click', [fact('a', 1000)]);
    await readUntil(5 * hourMs);
    await settled();
    expect(await labels()).toEqual([['a', true]]);
  });

  it('keeps the predictions of two models that scored one id apart', async () => {
    await deploy({ name: 'other' });
    await acceptPredictions(parts, [scored('a', 0), scored('a', 0, { model: 'other' })]);
    await acceptFacts(parts, 'click', [fact('a', 10, { model: 'other' })]);
    await readUntil(2 * hourMs);
    for (const name of [model, 'other']) await labelModel(parts, name, 0, never);
    const got = (await said(topics.exampleLabelled)).map(({ prediction, label }) => [prediction?.model, label]);
    expect(got.sort()).toEqual([
      [model, false],
      ['other', true],
    ]);
  });

  it('is not robbed of a true click by one with a wrong time', async () => {
    await acceptPredictions(parts, [scored('a', 1000)]);
    await acceptFacts(parts, 'click', [
      fact('a', 1500, { eventTimeMs: 1 }),
      fact('a', 1500, { eventTimeMs: dayMs - 365 * 24 * hourMs }),
      fact('a', 1600),
    ]);
    await readUntil(2 * hourMs);
    await settled();
    expect(await labels()).toEqual([['a', true]]);
    expect((await countsOf(parts.pool, model)).get('click.impossible')).toBe(2);
  });

  it('opens the window at the impression where the task says so, and gives no label to what was never shown', async () => {
    await deploy({ impressions: 'impression' });
    await acceptFacts(parts, 'impression', [fact('shown-first', 30 * 60_000)]);
    await acceptPredictions(parts, [scored('shown', 0), scored('shown-first', 0), scored('never', 0)]);
    await acceptFacts(parts, 'impression', [fact('shown', 50 * 60_000)]);
    // Within an hour of the impression, not of the prediction.
    await acceptFacts(parts, 'click', [fact('shown', 1.5 * hourMs)]);
    await readUntil(1.6 * hourMs);
    await settled();
    // Behind the one that is still open nothing is final for sure: rows are taken in their order.
    expect(await labels()).not.toContainEqual(['shown', true]);
    await readUntil(2 * hourMs);
    await settled();
    expect(await labels()).toEqual([
      ['shown', true],
      ['shown-first', false],
    ]);
    expect((await countsOf(parts.pool, model)).get('unshown')).toBe(1);
  });

  /** An hour of rows from `fromMs`; those from `drifted` on are on a new site; every tenth is clicked, told by the score or not. */
  async function hour(name: string, fromMs: number, drifted: number, told: boolean, count = 1000): Promise<void> {
    const rows = Array.from({ length: count }, (_, row) => {
      const site = row >= drifted ? 'new' : row % 5 < 3 ? 'news' : 'games';
      const clicked = row % 10 === 0;
      const score = told ? (clicked ? 0.3 : 0.078) : 0.05 + ((row * 37) % 101) / 1000;
      const atMs = fromMs + Math.floor((row * hourMs) / count);
      return { id: `${name}-${row}`, atMs, clicked, score, features: { site: { text: site } } };
    });
    for (let first = 0; first < count; first += 2000) {
      const some = rows.slice(first, first + 2000);
      await acceptPredictions(
        parts,
        some.map(({ id, atMs, score, features }) => scored(id, atMs, { score, features })),
      );
      await acceptFacts(
        parts,
        'click',
        some.filter(({ clicked }) => clicked).map(({ id, atMs }) => fact(id, atMs + 1)),
      );
    }
  }

  const openAlerts = async (): Promise<readonly string[]> =>
    (await alertsOf(parts.pool, model)).map(({ monitor }) => monitor);

  it('sees features drift at once, a worse model one window later, and asks for one retrain', async () => {
    await deploy({ thresholds: { minLabelled: 1000 } });
    await hour('calm', 0, 1000, true);
    await hour('also-calm', hourMs, 1000, true);
    await hour('drifted', 2 * hourMs, 400, false);
    await readUntil(3 * hourMs - 1);
    await settled();
    expect(await openAlerts()).toEqual([]);
    await readUntil(3 * hourMs + 2);
    await settled();
    expect(await openAlerts()).toEqual(['feature_drift']);
    expect(await said(topics.retrainRequested)).toEqual([]);
    await readUntil(4 * hourMs + 2);
    await settled();
    expect(await openAlerts()).toEqual(['feature_drift', 'live_auc']);
    // Enough labelled rows to learn from come with the next hours; one request, however often and by how many it is looked at.
    for (let next = 3; next < 6; next += 1) await hour(`hour-${next}`, next * hourMs, 400, false);
    await readUntil(7 * hourMs);
    await Promise.all([settled(), settled()]);
    await settled();
    const retrains = await said(topics.retrainRequested);
    expect(retrains).toHaveLength(1);
    expect(retrains[0]).toMatchObject({ model, task: model });
    expect(retrains[0]?.reason).toMatch(/live AUC of version 1 is 0\.\d+, the limit is 0\.770/);
    // Rows seen before 6 h were labelled: their windows end before 7 h.
    expect(retrains[0]?.untilMs).toBeLessThanOrEqual(dayMs + 7 * hourMs);
    const alerts = await said(topics.monitorAlerted);
    expect(alerts.map(({ monitor, resolved }) => [monitor, resolved])).toEqual([
      ['feature_drift', false],
      ['live_auc', false],
    ]);
    await parts.pool.query(`UPDATE feedback.alerts SET resolved_ms = 1 WHERE monitor = 'feature_drift'`);
    expect(await openAlerts()).toEqual(['live_auc']);
  });

  it('judges features by every row of a window, not by the first ones', async () => {
    // The last third of 30,000 rows is on a new site: a share of one third.
    await hour('long', 0, 20_000, true, 30_000);
    await readUntil(hourMs + 2);
    await settled();
    expect(await openAlerts()).toEqual(['feature_drift']);
    const { rows } = await parts.pool.query(
      `SELECT rows, value FROM feedback.readings WHERE monitor = 'feature_drift'`,
    );
    // By hand, with p = (.6, .4, 0), q = (.4, .8/3, 1/3), m = (.5, 1/3, 1/6): ½KL(p‖m) + ½KL(q‖m) bits.
    const kl = (p: readonly number[], m: readonly number[]): number =>
      p.reduce((sum, share, index) => sum + (share === 0 ? 0 : share * Math.log2(share / (m[index] as number))), 0);
    const [p, q, m] = [
      [0.6, 0.4, 0],
      [0.4, 0.8 / 3, 1 / 3],
      [0.5, 1 / 3, 1 / 6],
    ] as const;
    expect(rows).toEqual([{ rows: 30_000, value: expect.closeTo((kl(p, m) + kl(q, m)) / 2, 3) }]);
  });

  it('reads live figures without favour to clicks: the click rate is that of closed windows', async () => {
    await hour('one', 0, 1000, true);
    // Clicks of the second hour are in; their window is open, and so is that of the rows nobody clicked.
    await hour('two', hourMs, 1000, true);
    await readUntil(2 * hourMs - 1);
    await settled();
    const calibration = (): Promise<{ rows: readonly { value: number; rows: number }[] }> =>
      parts.pool.query(`SELECT value, rows FROM feedback.readings WHERE monitor = 'live_calibration'`);
    expect((await calibration()).rows).toEqual([]);
    await readUntil(2 * hourMs + 2);
    await settled();
    // Mean score (0.1 · 0.3 + 0.9 · 0.078) over the click rate of 0.1.
    expect((await calibration()).rows).toEqual([{ rows: 1000, value: expect.closeTo(1.002, 5) }]);
  });

  it('drops whole slices once their rows are labelled and nothing can ask for them, and takes nothing of them in again', async () => {
    await acceptPredictions(parts, [scored('old', 0), scored('none', 0, { model: 'no-task' })]);
    await acceptFacts(parts, 'click', [fact('old', 10)]);
    const slices = async (): Promise<number> =>
      (await parts.pool.query(`SELECT FROM pg_inherits WHERE inhparent = 'feedback.predictions'::regclass`)).rowCount ??
      0;
    const retain = async (): Promise<number> => {
      const { untilMs: watermarkMs } = await watermarkOf(parts.pool, parts.clock, streams);
      const { pool, slices: known } = parts;
      const horizonMs = await longestHorizonMs(parts);
      const dropped = await dropEndedSlices({
        pool,
        slices: known,
        models: [model],
        begun: [model],
        horizonMs,
        watermarkMs,
      });
      return dropped.length;
    };
    await readUntil(5 * hourMs);
    // Nothing is labelled yet, so nothing goes, whatever the time.
    expect(await retain()).toBe(0);
    await settled();
    await parts.pool.query(`INSERT INTO feedback.cursors VALUES ('facts', '', 0, $1)`, [dayMs + 4 * hourMs]);
    expect([await retain(), await slices()]).toEqual([1, 0]);
    await acceptPredictions(parts, [scored('old', 0)]);
    await acceptFacts(parts, 'click', [fact('old', 10)]);
    expect(await slices()).toBe(0);
    expect((await countsOf(parts.pool, '')).get('prediction.expired')).toBe(1);
    expect((await countsOf(parts.pool, 'no-task')).get('without_task')).toBe(1);
    await keepSlices(parts);
    expect(await slices()).toBeGreaterThan(0);
  });

  it('is held back by a partition that it reads and that the bus did not tell of, and forgets none', async () => {
    await readUntil(1000);
    await acceptFacts(parts, 'click', [{ ...fact('a', 10), topic: 'click.seen', partition: 90 }]);
    await expectPartitions(parts.pool, bus);
    const held = (await watermarkOf(parts.pool, parts.clock, streams)).heldBackBy;
    expect(held).toEqual({ topic: 'click.seen', partition: 90, readUntilMs: 0 });
    await noteReadUntil(parts.pool, 'click.seen', 91, dayMs + 500);
    await noteReadUntil(parts.pool, 'click.seen', 90, dayMs + 2000);
    expect((await watermarkOf(parts.pool, parts.clock, streams)).heldBackBy?.partition).toBe(91);
  });

  it('judges the windows of a task whose window was shortened, while sums of the longer one wait', async () => {
    await parts.pool.query(`INSERT INTO feedback.sums (kind, model, version, start_ms, end_ms, lane, state) VALUES
      ('labels', 'ads', 1, 0, 700, 0, 'old'), ('labels', 'ads', 1, 100, 200, 0, 'first'), ('labels', 'ads', 1, 200, 300, 0, 'second')`);
    const take = (): ReturnType<typeof takeEndedWindow> =>
      inTransaction(parts.pool, (client) => takeEndedWindow(client, 'labels', model, 400));
    expect(await take()).toEqual({ startMs: 100, endMs: 200, states: new Map([[1, ['first']]]) });
    expect(await take()).toEqual({ startMs: 200, endMs: 300, states: new Map([[1, ['second']]]) });
    expect(await take()).toBeUndefined();
  });

  it('drops nothing while a task can not be read, and says so once', async () => {
    await acceptPredictions(parts, [scored('a', 0), scored('waiting', 0, { model: 'newer' })]);
    await metadata.putTask({ name: 'newer', yaml: '', resolvedYaml: 'version: 99', dataUri: '', updatedAtMs: 0 });
    await readUntil(5 * hourMs);
    await settled();
    await parts.pool.query(`INSERT INTO feedback.cursors VALUES ('facts', '', 0, $1)`, [dayMs + 4 * hourMs]);
    const lines: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
    const retain = retaining({ ...parts, logger });
    await retain();
    await retain();
    const kept = async (): Promise<unknown> =>
      (await parts.pool.query('SELECT count(*) AS count FROM feedback.predictions')).rows;
    expect(await kept()).toEqual([{ count: 2 }]);
    expect(lines.map((line) => (JSON.parse(line) as { tasks: string[] }).tasks)).toEqual([['newer']]);
    // Read again by a version that can: the task's model has labels to say before anything goes.
    await deploy({ name: 'newer' });
    const tasks = new Tasks(metadata, parts.clock, 0);
    const retainNow = retaining({ ...parts, tasks, logger });
    await retainNow();
    expect(await kept()).toEqual([{ count: 2 }]);
    await labelModel({ ...parts, tasks }, 'newer', 0, never);
    await retainNow();
    expect(await kept()).toEqual([{ count: 0 }]);
  });

  it('goes on labelling while the registry does not know what a version was trained on', async () => {
    await parts.pool.query('DELETE FROM feedback.cursors');
    rmSync(join(folder, 'span'), { recursive: true });
    await acceptPredictions(parts, [scored('a', 0)]);
    await readUntil(2 * hourMs);
    await labelModel(parts, model, 0, never);
    await expect(watchModel(parts, baselines, model, never)).rejects.toThrow();
    expect(await labels()).toEqual([['a', false]]);
  });
});
