import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';
import { SegmentLog } from '@adstocrat/segment-log';
import { events, topics } from '@adstocrat/schemas';
import { isServing } from '@adstocrat/service-kit/grpc';
import { ask, numbers, type Running, ServingUnderTest, text } from '../serving-under-test.ts';

/** A bus that is not there. */
const away = { EVENT_BUS_URL: 'postgres://127.0.0.1:1/none' };

describe('the prediction log', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let subject: ServingUnderTest;
  /** How often each id came off the bus. */
  const arrived = new Map<string, number>();

  beforeAll(async () => {
    database = await testDatabase();
    subject = await ServingUnderTest.open(database.url);
    await subject.bus.subscribe(topics.predictionMade, { group: 'spec' }, (batch) => {
      for (const { event } of batch) arrived.set(event.predictionId, (arrived.get(event.predictionId) ?? 0) + 1);
      return Promise.resolve();
    });
  });
  afterAll(async () => {
    await subject.close();
    await database.drop();
  });

  const idsOf = (name: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, n) => `${name}-${n}`);

  async function predict(running: Running, ids: readonly string[], options = {}): Promise<readonly string[]> {
    const inputs = { price: numbers(...ids.map(() => 10)), prediction_id: text(...ids) };
    await ask(running, inputs, options);
    return ids;
  }

  async function allArrive(ids: readonly string[]): Promise<void> {
    for (const end = Date.now() + 240_000; !ids.every((id) => arrived.has(id)) && Date.now() < end;) await sleep(20);
    expect(ids.filter((id) => !arrived.has(id))).toEqual([]);
  }

  it('loses nothing that was answered when the server is killed under load, and tells each once', async () => {
    const first = await subject.startProcess(away, 'killed');
    const answered: string[] = [];
    let asking = true;
    const client = async (name: string): Promise<void> => {
      for (let n = 0; asking; n += 1) {
        const ids = idsOf(`killed-${name}-${n}`, 1 + (n % 3));
        await predict(first, ids).then(
          () => answered.push(...ids),
          () => (asking = false),
        );
      }
    };
    const clients = Promise.all(['a', 'b', 'c', 'd'].map(client));
    for (const end = Date.now() + 240_000; answered.length < 500 && Date.now() < end;) await sleep(5);
    first.child.kill('SIGKILL');
    await clients;
    await first.stop();
    expect(answered.length).toBeGreaterThanOrEqual(500);
    const second = await subject.startProcess({}, 'killed');
    await allArrive(answered);
    // Killed while it tells: what it tells again is the same event.
    second.child.kill('SIGKILL');
    await second.stop();
    const third = await subject.start({}, 'killed');
    await allArrive(await predict(third, ['killed-last']));
    await third.stop();
    expect(answered.filter((id) => arrived.get(id) !== 1)).toEqual([]);
  });

  it('keeps 10,000 rows that wait at a stop for the next start', async () => {
    const first = await subject.start({ ...away, PREDICTION_LOG_DRAIN_MS: '0' }, 'waiting');
    const ids = idsOf('waiting', 10_000);
    for (let from = 0; from < ids.length; from += 500) await predict(first, ids.slice(from, from + 500));
    await first.stop();
    const second = await subject.start({}, 'waiting');
    await allArrive(ids);
    await second.stop();
    expect(ids.filter((id) => arrived.get(id) !== 1)).toEqual([]);
  });

  it('tells all of an answer of 60,000 rows', async () => {
    const running = await subject.start({}, 'large');
    await allArrive(await predict(running, idsOf('large', 60_000)));
    await running.stop();
  }, 600_000);

  it('does not log what nobody got: failed, cancelled, or past its deadline', async () => {
    const running = await subject.start({}, 'unanswered');
    const failing = { price: text('dear'), prediction_id: text('failed-0') };
    await expect(ask(running, failing)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    const late = idsOf('late', 60_000);
    await expect(predict(running, late, { deadlineMs: 15 })).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    const gone = new AbortController();
    const rows = idsOf('gone', 60_000).map((id) => ({ price: 10, prediction_id: id }));
    const asked = fetch(`${running.rest}/v1/models/ads:predict`, {
      method: 'POST',
      body: JSON.stringify({ instances: rows }),
      signal: gone.signal,
    });
    setTimeout(() => gone.abort(), 60);
    await expect(asked).rejects.toThrow(/abort/);
    // What is answered after them is told after them.
    await allArrive(await predict(running, ['answered']));
    await running.stop();
    expect([...arrived.keys()].filter((id) => /^(failed|late|gone)-/.test(id))).toEqual([]);
  });

  it('drops nothing while the bus is slower than the answers, and keeps its memory', async () => {
    const running = await subject.startProcess({}, 'slow');
    // Warmed up, then the bus takes nothing: another transaction holds its tables.
    const ids = [...(await predict(running, idsOf('slow-warm', 128)))];
    await allArrive(ids);
    const holder = new Client({ connectionString: database.url });
    await holder.connect();
    const { rows: tables } = await holder.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('event_bus', 'event_log')`,
    );
    await holder.query('BEGIN');
    await holder.query(`LOCK TABLE ${tables.map(({ name }) => name).join(', ')} IN ACCESS EXCLUSIVE MODE`);
    const memory = (): number =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${running.child.pid}/status`, 'utf8'))?.[1]) / 1024;
    const beforeMib = memory();
    for (let request = 0; request < 150; request += 1)
      ids.push(...(await predict(running, idsOf(`slow-${request}`, 128))));
    const grownMib = memory() - beforeMib;
    await holder.query('ROLLBACK');
    await holder.end();
    await allArrive(ids);
    await running.stop();
    // 19,200 rows: as objects they took more than 2 kB each.
    expect(grownMib).toBeLessThan(60);
    expect(running.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  }, 600_000);

  it('refuses answers while the disk takes nothing, says so, and goes on when it does again', async () => {
    // No file of the server may grow beyond 64 blocks of 1,024 bytes.
    const running = await subject.startProcess({ ...away, PREDICTION_LOG_DRAIN_MS: '0' }, 'full', 'ulimit -S -f 64;');
    const address = running.predictions.getChannel().getTarget().replace('dns:', '');
    const answered: string[] = [];
    let refusal: ServiceError | undefined;
    for (let n = 0; refusal === undefined && n < 1000; n += 1) {
      const ids = idsOf(`full-${n}`, 20);
      await predict(running, ids).then(
        () => answered.push(...ids),
        (error: ServiceError) => (refusal = error),
      );
    }
    expect(refusal).toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringMatching(/prediction log cannot be written/),
    });
    for (const end = Date.now() + 240_000; (await isServing(address)) && Date.now() < end;) await sleep(50);
    expect(await isServing(address)).toBe(false);
    const many = { inputs: { price: Array.from({ length: 500 }, () => 1) } };
    const refused = await fetch(`${running.rest}/v1/models/ads:predict`, {
      method: 'POST',
      body: JSON.stringify(many),
    });
    expect(refused.status).toBe(503);
    // Rows that nobody is shown are answered all the same.
    await ask(running, { price: numbers(10) }, { metadata: { 'adstocrat-prediction-log': 'off' } });
    await running.stop();
    const roomy = await subject.start({}, 'full');
    await allArrive([...answered, ...(await predict(roomy, ['full-again']))]);
    await roomy.stop();
  });

  it('refuses answers when it is full and told to, and drops the oldest, counted, when told to', async () => {
    const tiny = { ...away, PREDICTION_LOG_MAX_BYTES: '65536', PREDICTION_LOG_DRAIN_MS: '0' };
    const refusing = await subject.start({ ...tiny, PREDICTION_LOG_WHEN_FULL: 'refuse' }, 'refusing');
    let answered = 0;
    const refusal = await (async (): Promise<void> => {
      for (; answered < 100_000; answered += 100) await predict(refusing, idsOf(`refuse-${answered}`, 100));
    })().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: expect.stringMatching(/full/) });
    expect(answered).toBeGreaterThan(100);
    await refusing.stop();
    const dropping = await subject.startProcess({ ...tiny, PREDICTION_LOG_WHEN_FULL: 'drop-oldest' }, 'dropping');
    const ids: string[] = [];
    for (let request = 0; request < 20; request += 1)
      ids.push(...(await predict(dropping, idsOf(`drop-${request}`, 100))));
    await dropping.stop();
    const dropped = dropping.log
      .filter(({ msg }) => msg === 'the prediction log dropped its oldest rows')
      .reduce((sum, { rows }) => sum + Number(rows), 0);
    expect(dropped).toBeGreaterThan(0);
    const after = await subject.start({}, 'dropping');
    await allArrive([...ids.slice(dropped), ...(await predict(after, ['drop-last']))]);
    await after.stop();
    expect(ids.slice(0, dropped).filter((id) => arrived.has(id))).toEqual([]);
  });

  it('sets aside what the bus never takes, says why, and holds nothing up for it', async () => {
    const folder = join(subject.folder, 'refused', 'prediction-log');
    const before = await SegmentLog.open({ folder, maxBytes: 2 ** 24, maxAgeMs: 3_600_000, whenFull: 'refuse' });
    const recordOf = (predictionId: string, site: string): Buffer => {
      const event = events.PredictionMade.create({ predictionId, model: 'ads', features: { site: { text: site } } });
      return Buffer.concat([Buffer.alloc(8), events.PredictionMade.encode(event).finish()]);
    };
    // An event of 900,000 bytes is too large for every bus; no answer makes one, but a disk may hold it.
    const aside = recordOf('set-aside', 'x'.repeat(900_000));
    const larger = recordOf('set-aside-too', 'x'.repeat(1_000_000));
    await before.append([recordOf('set-0', 'fine'), aside, larger, recordOf('set-2', 'fine')]);
    await before.close();
    const running = await subject.startProcess({}, 'refused');
    await allArrive(['set-0', 'set-2', ...(await predict(running, ['set-3']))]);
    await running.stop();
    expect(arrived.has('set-aside')).toBe(false);
    expect(running.log.find(({ msg }) => msg === 'the bus refuses predictions, they are set aside')).toMatchObject({
      rows: 2,
      reason: expect.stringMatching(/bytes are more than/),
    });
    const kept = readFileSync(join(folder, 'refused.jsonl'), 'utf8').trim().split('\n');
    expect(kept.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ predictionId: 'set-aside', predictionMade: aside.toString('base64', 8) }),
      expect.objectContaining({ predictionId: 'set-aside-too', leftOutBytes: larger.length }),
    ]);
  });

  it('goes on where what it sets aside cannot be kept', async () => {
    const folder = join(subject.folder, 'unkept', 'prediction-log');
    const before = await SegmentLog.open({ folder, maxBytes: 2 ** 24, maxAgeMs: 3_600_000, whenFull: 'refuse' });
    const event = { predictionId: 'unkept', model: 'ads', features: { site: { text: 'x'.repeat(900_000) } } };
    const message = events.PredictionMade.encode(events.PredictionMade.create(event)).finish();
    await before.append([Buffer.concat([Buffer.alloc(8), message])]);
    await before.close();
    // Root may write every file, but no folder.
    mkdirSync(join(folder, 'refused.jsonl'));
    const running = await subject.startProcess({}, 'unkept');
    await allArrive(await predict(running, ['behind-unkept']));
    await running.stop();
    expect(running.log.map(({ msg }) => msg)).toContain('a row that the bus refuses cannot be kept, it is lost');
  });

  it('refuses rows and answers that are too large to be told of, unless they are kept out of it', async () => {
    const running = await subject.start({}, 'too-large');
    const off = { metadata: { 'adstocrat-prediction-log': 'off' } };
    const row = { price: numbers(1, 1), site: text('fine', 'x'.repeat(65_536)) };
    await expect(ask(running, row)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(/row 1 takes \d+ bytes of the prediction log, at most 65536/),
    });
    // 300 rows of 60,000 bytes are more than 16 MiB.
    const answer = {
      ...text('x'.repeat(60_000)),
      tensorShape: { dim: [{ size: 300n, name: '' }], unknownRank: false },
    };
    await expect(ask(running, { site: answer })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(/at most 16777216 are logged at once/),
    });
    expect((await ask(running, row, off)).scores).toHaveLength(2);
    expect((await ask(running, { site: answer }, off)).scores).toHaveLength(300);
    await running.stop();
  });

  it('keeps nothing on disk of what the bus has', async () => {
    const running = await subject.start({}, 'tidy');
    await allArrive(await predict(running, idsOf('tidy', 3000)));
    await running.stop();
    const again = await subject.start({}, 'tidy');
    await again.stop();
    const folder = join(subject.folder, 'tidy', 'prediction-log');
    expect(readdirSync(folder).filter((name) => name.endsWith('.segment'))).toHaveLength(1);
  });

  it('is off where it is told to, and a little behind the answer where it is told to', async () => {
    const off = await subject.start({ PREDICTION_LOG: 'off' }, 'off');
    expect(await predict(off, ['off-0'])).toEqual(['off-0']);
    await off.stop();
    const behind = await subject.start({ PREDICTION_LOG: 'async' }, 'async');
    await allArrive(await predict(behind, idsOf('async', 500)));
    await behind.stop();
    expect(arrived.has('off-0')).toBe(false);
  });
});
