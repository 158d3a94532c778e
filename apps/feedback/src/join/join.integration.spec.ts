import fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventBus, IncomingEvent, OutgoingEvent } from '@adstocrat/event-bus';
import { type Fact, finalAfterMs, type Label, labelOf, type LabelRule } from '@adstocrat/monitors';
import { testDatabase } from '@adstocrat/postgres';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { events } from '@adstocrat/schemas';
import { acceptFacts, acceptPredictions, type FactStore } from '../facts/accept.ts';
import { type FactKind, type KnownPrediction, predictions, type SaidFact } from '../facts/incoming.ts';
import { settleFacts } from '../facts/settle-facts.ts';
import { countsOf } from '../store/counts.ts';
import { Slices } from '../store/slices.ts';
import { lanes, migrate } from '../store/tables.ts';
import { noteReadUntil } from '../watermark/progress.ts';
import { closeLane } from './close-windows.ts';
import type { LabelledPrediction } from './labelled-event.ts';

const models = ['a', 'b'] as const;
const ids = ['p0', 'p1', 'p2', 'p3'] as const;
const rules: ReadonlyMap<string, LabelRule> = new Map([
  ['a', { windowMs: 80, graceMs: 120, opens: 'prediction' }],
  ['b', { windowMs: 60, graceMs: 90, opens: 'impression' }],
]);
/** Nothing happens later. */
const endMs = 2000;

/** Takes labels as the bus does, and keeps all that was ever said of each. Told to, it fails after it has taken them. */
class SaidLabels implements Pick<EventBus, 'publish'> {
  readonly said = new Map<string, LabelledPrediction[]>();
  failNext = false;

  publish<T>(_: unknown, list: readonly OutgoingEvent<T>[]): Promise<void> {
    for (const { id = '', event } of list)
      this.said.set(id, [...(this.said.get(id) ?? []), event as unknown as LabelledPrediction]);
    if (!this.failNext) return Promise.resolve();
    this.failNext = false;
    return Promise.reject(new Error('killed after the labels were published'));
  }
}

interface Scored {
  readonly id: string;
  readonly model: string;
  readonly servedMs: number;
  readonly seenMs: number;
}

interface Done extends Fact {
  readonly id: string;
  readonly model: string;
  /** By the client's clock. */
  readonly saidMs: number;
}

const partitionOf = (id: string): number => Number(id.slice(1)) % 2;

function made({ id, model, servedMs, seenMs }: Scored): IncomingEvent<KnownPrediction> {
  const bytes = events.PredictionMade.encode({
    predictionId: id,
    model,
    version: 1,
    score: 0.5,
    features: {},
    eventTimeMs: 0,
    servedAtMs: servedMs,
    imageDigest: '',
  }).finish();
  return envelope(`prediction.made/${model}/${id}`, id, seenMs, predictions.decode(bytes));
}

function done(fact: Done, index: number): IncomingEvent<SaidFact> {
  const { kind, id, model, saidMs, seenMs } = fact;
  return envelope(`${kind}/${index}`, id, seenMs, { predictionId: id, model, eventTimeMs: saidMs });
}

function envelope<T>(id: string, key: string, appendedMs: number, event: T): IncomingEvent<T> {
  return { id, key, topic: '', partition: partitionOf(key), position: '0', appendedMs, headers: {}, event };
}

describe('the join', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let pool: Pool;
  let store: FactStore;
  beforeAll(async () => {
    database = await testDatabase();
    pool = openPool(database.url, { max: 12 });
    await migrate(pool);
    // Slices shorter than a window, so that every join crosses several.
    const slices = new Slices(pool, 90);
    await slices.of(Array.from({ length: 9 }, (_, n) => n * 90));
    store = { pool, slices, serverMs: Math.floor };
  });
  afterAll(async () => {
    await closePool(pool);
    await database.drop();
  });
  const empty = (): Promise<unknown> =>
    pool.query('TRUNCATE feedback.predictions, feedback.facts, feedback.cursors, feedback.counts, feedback.sums');
  beforeEach(empty);

  async function closeAll(bus: SaidLabels, watermarkMs: number, maxRows = 1000, maxBytes = 1_000_000): Promise<void> {
    for (const [model, rule] of rules)
      for (let lane = 0; lane < lanes; lane += 1)
        for (let more = true; more;)
          more = (await closeLane({ pool, bus, model, lane, rule, watermarkMs, maxRows, maxBytes })).more;
  }

  const times = fc.integer({ min: 0, max: 200 });
  const scored = fc
    .record({
      id: fc.constantFrom(...ids),
      model: fc.constantFrom(...models),
      servedMs: times,
      lagMs: fc.oneof(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 200 })),
    })
    .map(({ lagMs, ...one }): Scored => ({ ...one, seenMs: one.servedMs + lagMs }));
  /** Mostly said when it happened and seen a little later; else at any time, at none, or in a time to come. */
  const said = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ saidMs: fc.integer({ min: 1, max: 300 }), lagMs: fc.integer({ min: 0, max: 150 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        saidMs: fc.constantFrom(0, 3, 650, 4_070_908_800_000),
        lagMs: fc.integer({ min: 0, max: 600 }),
      }),
    },
  );
  const fact = fc
    .record({
      kind: fc.constantFrom<FactKind>('click', 'click', 'impression', 'conversion'),
      id: fc.constantFrom(...ids, 'p4'),
      model: fc.constantFrom('', '', ...models),
      said,
    })
    .map(({ said: { saidMs, lagMs }, ...one }): Done => {
      const seenMs = saidMs > 600 ? lagMs : saidMs + lagMs;
      return { ...one, saidMs, seenMs, timeMs: saidMs === 0 ? seenMs : Math.min(saidMs, seenMs) };
    });
  const world = fc.record({
    scored: fc.array(scored, { minLength: 4, maxLength: 14 }),
    facts: fc.array(fact, { minLength: 8, maxLength: 24 }),
  });

  /** What labels should be said, by event id, from the pure function alone: the first row of an id that was seen is the prediction. */
  function expected(all: readonly Scored[], facts: readonly Done[]): ReadonlyMap<string, Label & { servedMs: number }> {
    const first = new Map<string, Scored>();
    for (const row of [...all].sort((a, b) => a.seenMs - b.seenMs)) {
      const key = `example.labelled/${row.model}/${row.id}`;
      if (!first.has(key)) first.set(key, row);
    }
    return new Map(
      [...first].map(([key, { id, model, servedMs }]) => {
        const own = facts.filter((one) => one.id === id && (one.model === '' || one.model === model));
        return [key, { ...labelOf(servedMs, own, rules.get(model) as LabelRule), servedMs }];
      }),
    );
  }

  function compare(bus: SaidLabels, labels: ReadonlyMap<string, Label>, final: boolean): void {
    for (const [key, said] of bus.said)
      for (const { label, openedAtMs } of said)
        expect({ key, label, openedAtMs }).toEqual({
          key,
          label: labels.get(key)?.clicked,
          openedAtMs: labels.get(key)?.openedMs,
        });
    const shown = [...labels].filter(([, { openedMs }]) => openedMs !== undefined).map(([key]) => key);
    if (final) expect([...bus.said.keys()].sort()).toEqual(shown.sort());
  }

  it('says in SQL what labelOf says, and counts what became of every click', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ scored: rows, facts }) => {
        await empty();
        const bySeen = [...rows].sort((a, b) => a.seenMs - b.seenMs);
        for (const row of bySeen) await acceptPredictions(store, [made(row)]);
        for (const kind of ['click', 'impression', 'conversion'] as const) {
          const own = facts.flatMap((one, index) => (one.kind === kind ? [done(one, index)] : []));
          if (own.length > 0) await acceptFacts(store, kind, own);
        }
        const bus = new SaidLabels();
        await closeAll(bus, endMs);
        const labels = expected(rows, facts);
        compare(bus, labels, true);
        while (await settleFacts(pool, rules, 0, endMs));
        for (const model of models) {
          const own = [...labels].filter(([key]) => key.startsWith(`example.labelled/${model}/`));
          const sum = (of: (label: Label) => number): number => own.reduce((total, [, label]) => total + of(label), 0);
          const counts = await countsOf(pool, model);
          const of = (name: string): number => counts.get(name) ?? 0;
          expect({
            labelled: of('labelled'),
            clicks: of('clicks'),
            unshown: of('unshown'),
            duplicate: of('click.duplicate'),
            impossible: of('click.impossible'),
          }).toEqual({
            labelled: sum(({ openedMs }) => (openedMs === undefined ? 0 : 1)),
            clicks: sum(({ clicked }) => (clicked ? 1 : 0)),
            unshown: sum(({ openedMs }) => (openedMs === undefined ? 1 : 0)),
            duplicate: sum(({ inside }) => Math.max(0, inside - 1)),
            impossible: sum(({ before }) => before),
          });
        }
        // Each click is counted once for each prediction it is about, or once where there is none.
        const { rows: total } = await pool.query<{ name: string; count: number }>(
          `SELECT sum(count)::bigint AS count FROM feedback.counts
           WHERE name IN ('clicks', 'click.duplicate', 'click.impossible', 'click.late', 'click.unknown', 'click.other_model')`,
        );
        const clicks = facts.filter(({ kind }) => kind === 'click');
        const scoredBy = (one: Done): number =>
          [...labels.keys()].filter(
            (key) => key.endsWith(`/${one.id}`) && (one.model === '' || key.includes(`/${one.model}/`)),
          ).length;
        expect(total[0]?.count ?? 0).toBe(clicks.reduce((sum, one) => sum + Math.max(1, scoredBy(one)), 0));
      }),
      { numRuns: 10 },
    );
  });

  /** Time goes on; every stream but one is read up to it; one delivers its last events again; and what is final is closed. */
  const step = fc.record({
    advanceMs: fc.integer({ min: 30, max: 110 }),
    lagging: fc.option(fc.nat(7), { freq: 2 }),
    again: fc.option(fc.nat(7), { freq: 3 }),
    killed: fc.boolean(),
    maxRows: fc.integer({ min: 1, max: 4 }),
    maxBytes: fc.integer({ min: 1, max: 200 }),
  });

  it(
    'says each label once its facts are all read, and never another, however reading and closing interleave',
    { timeout: 300_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          world,
          fc.array(step, { minLength: 5, maxLength: 10 }),
          async ({ scored: rows, facts }, steps) => {
            await empty();
            const bus = new SaidLabels();
            const labels = expected(rows, facts);
            const streams = [0, 1].flatMap((partition) => [
              stream(rows.map(made), partition, (batch) => acceptPredictions(store, batch)),
              ...(['click', 'impression', 'conversion'] as const).map((kind) =>
                stream(
                  facts.flatMap((one, index) => (one.kind === kind ? [done(one, index)] : [])),
                  partition,
                  (batch) => acceptFacts(store, kind, batch),
                ),
              ),
            ]);
            let nowMs = 0;
            for (const { advanceMs, lagging, again, killed, maxRows, maxBytes } of steps) {
              nowMs += advanceMs;
              await Promise.all(streams.map(({ read }, index) => (index === lagging ? undefined : read(nowMs))));
              const watermarkMs = Math.min(...streams.map(({ readUntilMs }) => readUntilMs()));
              bus.failNext = killed;
              // Two processes close at once while others read on; one may be killed between publishing and committing.
              await Promise.allSettled([
                closeAll(bus, watermarkMs, maxRows, maxBytes),
                closeAll(bus, watermarkMs, maxRows, maxBytes),
                again === null ? undefined : streams[again]?.readAgain(),
                lagging === null ? undefined : streams[lagging]?.read(nowMs),
              ]);
              bus.failNext = false;
              compare(bus, labels, false);
            }
            for (const { read } of streams) await read(endMs);
            await closeAll(bus, endMs);
            compare(bus, labels, true);
            const { rows: total } = await pool.query<{ count: number | null }>(
              `SELECT sum(count)::bigint AS count FROM feedback.counts WHERE name = 'labelled'`,
            );
            expect(total[0]?.count ?? 0).toBe(bus.said.size);
          },
        ),
        { numRuns: 10 },
      );
    },
  );

  it('counts every click of two batches that are taken in at the same instant', async () => {
    const rows = Array.from({ length: 3000 }, (_, n): Scored => ({
      id: `p${n}`,
      model: 'a',
      servedMs: 10,
      seenMs: 10,
    }));
    const clicks = rows.map(({ id }): Done => ({ kind: 'click', id, model: '', saidMs: 0, timeMs: 20, seenMs: 20 }));
    const bus = new SaidLabels();
    await Promise.all([
      acceptPredictions(store, rows.map(made)),
      acceptFacts(store, 'click', clicks.map(done)),
      acceptPredictions(store, rows.map(made)),
      acceptFacts(store, 'click', clicks.map(done)),
    ]);
    await closeAll(bus, finalAfterMs(20, rules.get('a') as LabelRule));
    expect(bus.said.size).toBe(3000);
    expect([...bus.said.values()].every((said) => said.length === 1 && said[0]?.label === true)).toBe(true);
    expect((await countsOf(pool, 'a')).get('predictions')).toBe(3000);
  });

  it('says when the window of one id opened once for all its facts: forty thousand impressions do not outlast a statement', async () => {
    const facts = 2000;
    await acceptPredictions(store, [made({ id: 'p1', model: 'b', servedMs: 10, seenMs: 10 })]);
    // Shown at 20, the window is open until 80 and the grace goes on until 170: every second click was seen later.
    await pool.query(`INSERT INTO feedback.facts (slice, prediction_id, kind, model, id, time_ms, seen_ms)
      SELECT 0, 'p1', 'impression', '', n::text, 20 + n % 40, 20 + n % 40 FROM generate_series(0, 39999) AS n
      UNION ALL SELECT 90, 'p1', 'click', '', n::text, 100, 170 + n % 2 FROM generate_series(1, ${facts}) AS n`);
    const hurried = openPool(database.url, { max: 1, statementTimeoutMs: 10_000 });
    while (await settleFacts(hurried, rules, 0, endMs));
    await closePool(hurried);
    expect((await countsOf(pool, 'b')).get('click.late')).toBe(facts / 2);
  });

  it('takes as many events at once as fit into memory, going by their bytes before it reads them', async () => {
    const rows = Array.from({ length: 200 }, (_, n) => made({ id: `p${n}`, model: 'a', servedMs: 10, seenMs: 10 + n }));
    const bytes = rows[0]?.event.bytes.length ?? 0;
    await acceptPredictions(store, rows);
    // Features that repeat themselves are small as they are kept: what counts is their size when they are read.
    await pool.query(`UPDATE feedback.predictions SET event = event || convert_to(repeat('a', 10000), 'UTF8')`);
    const own = await pool.query<{ count: number }>(
      `SELECT count(*) AS count FROM feedback.predictions WHERE model = 'a' AND lane = 0`,
    );
    const count = own.rows[0]?.count ?? 0;
    const sizes: number[] = [];
    const options = { pool, bus: new SaidLabels(), model: 'a', lane: 0, rule: rules.get('a') as LabelRule };
    for (let more = true; more;) {
      const closed = await closeLane({ ...options, watermarkMs: endMs, maxRows: 1000, maxBytes: 5 * (bytes + 10_100) });
      sizes.push(closed.rows);
      more = closed.more;
    }
    expect(count).toBeGreaterThan(10);
    expect(sizes).toEqual(Array.from({ length: Math.ceil(count / 5) }, (_, n) => Math.min(5, count - 5 * n)));
  });

  it('sees nothing before what was said to be read of its partition, whatever its stamp says', async () => {
    const topic = 'click.seen';
    const at = (index: number): IncomingEvent<SaidFact> => ({
      ...done({ kind: 'click', id: 'p0', model: '', saidMs: 5, timeMs: 5, seenMs: 20 }, index),
      topic,
    });
    await acceptFacts(store, 'click', [at(0)]);
    await noteReadUntil(pool, topic, 0, 100);
    // What is delivered again finds itself.
    await acceptFacts(store, 'click', [at(0), at(1)]);
    const { rows } = await pool.query('SELECT id, slice, seen_ms FROM feedback.facts ORDER BY id');
    expect(rows).toEqual([
      { id: 'click/0', slice: 0, seen_ms: 20 },
      { id: 'click/1', slice: 0, seen_ms: 100 },
    ]);
    await pool.query('DELETE FROM feedback.progress WHERE topic = $1', [topic]);
  });

  it('keeps one row of twenty thousand duplicates of a click', async () => {
    const click: Done = { kind: 'click', id: 'p1', model: '', saidMs: 15, timeMs: 15, seenMs: 20 };
    for (let batch = 0; batch < 10; batch += 1)
      await acceptFacts(
        store,
        'click',
        Array.from({ length: 2000 }, (_, n) => ({ ...done(click, 0), appendedMs: 20 + (n % 60) })),
      );
    const { rows } = await pool.query('SELECT count(*) AS count FROM feedback.facts');
    expect(rows).toEqual([{ count: 1 }]);
  });
});

interface Stream {
  /** Reads everything appended before `untilMs`. */
  readonly read: (untilMs: number) => Promise<void>;
  /** What was read last is delivered again. */
  readonly readAgain: () => Promise<void>;
  readonly readUntilMs: () => number;
}

/** A partition that is read in order; what was read may be delivered again. */
function stream<T>(
  all: readonly IncomingEvent<T>[],
  partition: number,
  accept: (batch: readonly IncomingEvent<T>[]) => Promise<void>,
): Stream {
  const own = all.filter((event) => event.partition === partition).sort((a, b) => a.appendedMs - b.appendedMs);
  let next = 0;
  let untilMs = 0;
  return {
    read: async (until) => {
      const batch = own.slice(next).filter(({ appendedMs }) => appendedMs < until);
      if (batch.length > 0) await accept(batch);
      next += batch.length;
      untilMs = Math.max(untilMs, until);
    },
    readAgain: async () => {
      const batch = own.slice(Math.max(0, next - 5), next);
      if (batch.length > 0) await accept(batch);
    },
    readUntilMs: () => untilMs,
  };
}
