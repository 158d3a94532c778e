import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { batches as wire, type events, serving, topics } from '@adstocrat/schemas';
import { ask, numbers, type Running, ServingUnderTest } from '../serving-under-test.ts';
import { post, resultsOf, type ToldBatch, told, untilEnded } from './batches-under-test.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let subject: ServingUnderTest;
let server: Running;
let drops: string;

/** Version n of the test's model scores sigmoid(n − 4 + (price − 10) / 2). */
const scoreOf = (price: number, version = 1): number => 1 / (1 + Math.exp(4 - version - (price - 10) / 2));

beforeAll(async () => {
  database = await testDatabase();
  subject = await ServingUnderTest.open(database.url, 2, { slope: 1, range: [0, 20] });
  drops = join(subject.folder, 'drops');
  mkdirSync(drops);
  server = await subject.start({ BATCHES: 'off', BATCH_SOURCES: pathToFileURL(drops).href });
});
afterAll(async () => {
  await server.stop();
  await subject.close();
  await database.drop();
});

/** Begins a batch of a file. */
async function begin(file: string, id: string, body = {}): Promise<unknown> {
  const source = { source_uri: pathToFileURL(join(drops, file)).href, batch_id: id, ...body };
  return (await post(server, 'ads/batches', source)).body;
}

async function ends(id: string): Promise<readonly events.BatchEnded[]> {
  const found: events.BatchEnded[] = [];
  for await (const { event } of subject.bus.scan(topics.batchEnded)) if (event.batchId === id) found.push(event);
  return found;
}

describe('stored rows', () => {
  let batch: ToldBatch;
  let found: Awaited<ReturnType<typeof resultsOf>>;

  beforeAll(async () => {
    const rows = [{ features: { site: 'news', price: 12 }, prediction_id: 'first' }, { features: {} }];
    for (let times = 0; times < 2; times += 1)
      expect(await post(server, 'ads/rows', { rows, request_id: 'once' })).toEqual({
        status: 200,
        body: { request_id: 'once', rows: 2 },
      });
    expect(await post(server, 'ads/rows', { rows: [{ features: { price: 7 } }], request_id: 'once' })).toEqual({
      status: 400,
      body: { error: 'request_id "once" is that of other rows, which are stored: give these another one' },
    });
    const client = new wire.BatchServiceClient(server.address, credentials.createInsecure());
    const features = new Map([
      ['user', serving.Value.create({ integer: 9007199254740993n })],
      ['price', serving.Value.create({ number: 9 })],
    ]);
    await new Promise((resolve, reject) => {
      const row = serving.Row.create({ features });
      client.storeRows({ model: 'ads', requestId: 'grpc', rows: [row] }, (error, answer) =>
        error === null ? resolve(answer) : reject(error),
      );
    });
    client.close();
    const stored = join(subject.folder, 'artifacts', 'requests', 'ads');
    writeFileSync(
      join(stored, 'dropped.csv'),
      'site,price,shown_at\nnews,8,\ngames,7,yesterday\ntoo,many,fields,here\n',
    );
    writeFileSync(join(stored, '.half.csv'), 'site,pri');
    // As a version stored them that reads lists there: this one reads each site as one value.
    writeFileSync(
      join(stored, 'with-lists.jsonl'),
      '{"site":["news","games"],"price":8}\n{"site":"news","price":8}\n{"site":[["deep"]],"price":8}\n',
    );
    writeFileSync(join(stored, 'only-lists.jsonl'), '{"site":["news","games"]}\n{"site":["a","b"]}\n');
    writeFileSync(join(stored, 'other.csv'), 'colour,size\nred,8\nblue,7\ngreen,6\n');
    writeFileSync(join(stored, 'damaged.parquet'), 'PAR1 and no more');
    expect((await post(server, 'ads/batches', { batch_id: 'stored' })).body).toMatchObject({
      state: 'running',
      version: 1,
    });
    // The version that was stable when it was asked for stays the batch's.
    await subject.deploy([1, 2], { stable: 2 });
    const process = subject.startBatches();
    batch = await untilEnded(server, 'stored');
    process.kill('SIGTERM');
    await once(process, 'exit');
    found = await resultsOf(batch, subject.folder);
  }, 600_000);

  it('are scored once each, by the version that was pinned, to the bit as a request for them is answered', async () => {
    expect(found.rows.map(({ id, file, line }) => [id, basename(file), line])).toEqual([
      ['1', 'grpc.jsonl', 1],
      ['first', 'once.jsonl', 1],
      ['3', 'once.jsonl', 2],
      ['4', 'with-lists.jsonl', 2],
      ['5', 'dropped.csv', 2],
    ]);
    const { scores } = await ask(
      server,
      { price: numbers(9, 12, NaN, 8, 8) },
      { spec: { version: 1n }, metadata: { 'adstocrat-prediction-log': 'off' } },
    );
    expect(found.rows.map(({ score }) => score)).toEqual(scores);
    for (const [row, price] of [9, 12, undefined, 8, 8].entries())
      if (price !== undefined) expect(found.rows[row]?.score).toBeCloseTo(scoreOf(price), 6);
  });

  it('that fail are each there with the reason and the place, and counted', () => {
    const listed = 'input "site" holds a list, and the model reads this column as one value';
    expect(found.failures.map(({ file, line, reason }) => [basename(file), line, reason]).toSorted()).toEqual([
      ['damaged.parquet', 0, expect.stringMatching(/damaged\.parquet/)],
      ['dropped.csv', 3, expect.stringMatching(/^input "shown_at": "yesterday" is no time/)],
      ['dropped.csv', 4, 'too many fields: 4, the header has 3'],
      ...[1, 2].map((line) => ['only-lists.jsonl', line, listed]),
      ['other.csv', 0, expect.stringMatching(/has none of the columns that ads takes$/)],
      ...[1, 3].map((line) => ['with-lists.jsonl', line, listed]),
    ]);
    expect(batch).toMatchObject({ state: 'succeeded', version: 1, rows: 15, rows_scored: 5, rows_failed: 10 });
    expect(found.summary).toMatchObject({ modelVersion: 1, rows: 15, scored: 5, failed: 10 });
    // Four lists, a file of three rows, and one each.
    expect(found.summary.reasons.map(({ rows }) => rows)).toEqual([4, 3, 1, 1, 1]);
  });

  it('are said to be scored, once', async () => {
    await expect.poll(() => ends('stored'), { timeout: 240_000 }).toHaveLength(1);
    const [event] = await ends('stored');
    expect(event).toMatchObject({ outcome: 'succeeded', rowsScored: 5, rowsFailed: 10, resultsUri: batch.results_uri });
  });
});

describe('a batch of a file', () => {
  it('whose processes are killed again and again has every row once, as one that is left alone', async () => {
    // Every seventh price is no price, which is missing; every fiftieth time is no time, which fails.
    const lines = Array.from({ length: 12_000 }, (_, row) =>
      [`row${row}`, row % 7 === 0 ? 'much' : String(row / 1000), row % 50 === 0 ? 'late' : ''].join(','),
    );
    writeFileSync(join(drops, 'many.csv'), `user,price,shown_at\n${lines.join('\n')}\n`);
    await begin('many.csv', 'calm', { allow_missing: true, version: 1 });
    const environment = { BATCH_SHARD_ROWS: '1500' };
    const alone = subject.startBatches(environment, 'batches-1');
    const calm = await resultsOf(await untilEnded(server, 'calm'), subject.folder);
    expect([calm.rows.length, calm.failures.length]).toEqual([11_760, 240]);
    alone.kill('SIGKILL');
    await once(alone, 'exit');
    await begin('many.csv', 'killed', { allow_missing: true, version: 1 });
    let kills = 0;
    let ended = false;
    const killing = ['batches-1', 'batches-2'].map(async (folder, index) => {
      for (let times = 0; !ended; times += 1) {
        const process = subject.startBatches(environment, folder);
        const gone = once(process, 'exit');
        // One dies as it plans, one as it scores, at whatever they are then; after two times they are left alone.
        const scored = times * 1500 + index * 700;
        while (!ended && (times >= 2 || ((await told(server, 'killed'))?.rows_scored ?? 0) < scored)) await sleep(20);
        if (!ended) kills += 1;
        process.kill('SIGKILL');
        await gone;
      }
    });
    const batch = await untilEnded(server, 'killed');
    ended = true;
    await Promise.all(killing);
    expect(kills).toBeGreaterThan(1);
    const killed = await resultsOf(batch, subject.folder);
    expect(killed.rows).toEqual(calm.rows);
    expect(killed.failures).toEqual(calm.failures);
    expect(killed.summary.odd).toEqual(calm.summary.odd);
    expect(batch).toMatchObject({ rows: 12_000, rows_scored: 11_760, rows_failed: 240 });
  }, 600_000);

  it('that failed while it was scored goes on with every shard that is not', async () => {
    const environment = { BATCH_SHARD_ROWS: '500' };
    const run = (folder: string): ChildProcess => subject.startBatches(environment, folder);
    await begin('many.csv', 'stopped', { allow_missing: true, version: 1 });
    const planning = run('batches-1');
    while (((await told(server, 'stopped'))?.rows ?? 0) === 0) await sleep(5);
    planning.kill('SIGKILL');
    await once(planning, 'exit');
    const servable = join(subject.folder, 'artifacts', '1');
    renameSync(servable, `${servable}-away`);
    // A process without a copy: its first shard finds no version.
    const without = run('batches-3');
    const failed = await untilEnded(server, 'stopped');
    expect(failed).toMatchObject({ state: 'failed', reason: expect.stringMatching(/version 1 of ads is not whole/) });
    expect(failed.rows_scored + failed.rows_failed).toBeLessThan(11_000);
    // The other shards' turn comes while the batch is over.
    const pool = openPool(database.url, { name: 'spec', max: 1 });
    const live = async (): Promise<number> => {
      const { rows } = await pool.query(
        `SELECT FROM jobs.jobs WHERE key LIKE 'stopped/%' AND state IN ('waiting', 'running')`,
      );
      return rows.length;
    };
    while ((await live()) > 0) await sleep(20);
    await closePool(pool);
    renameSync(`${servable}-away`, servable);
    await begin('many.csv', 'stopped', { allow_missing: true, version: 1 });
    const ended = await untilEnded(server, 'stopped');
    expect(ended).toMatchObject({ state: 'succeeded', rows: 12_000, rows_scored: 11_760, rows_failed: 240 });
    without.kill('SIGTERM');
    await once(without, 'exit');
    const { rows } = await resultsOf(ended, subject.folder);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(11_760);
  }, 600_000);

  it('that is wrong fails with what is wrong, and goes on once it is mended', async () => {
    writeFileSync(join(drops, 'wrong.csv'), 'site,Price,shown_at\nnews,1,\n');
    await begin('wrong.csv', 'wrong', {});
    const process = subject.startBatches({}, 'batches-1');
    const failed = await untilEnded(server, 'wrong');
    expect(failed).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(
        /wrong\.csv lacks 2 of the 4 columns that ads takes: "user", "price" \(the file has "Price"\)/,
      ),
    });
    writeFileSync(join(drops, 'wrong.csv'), 'site,price,shown_at,user\nnews,1,,ann\n');
    await begin('wrong.csv', 'wrong', {});
    expect(await untilEnded(server, 'wrong')).toMatchObject({ state: 'succeeded', rows_scored: 1 });
    // No header line: what to do about it is said, and done when it is asked for again.
    writeFileSync(join(drops, 'unnamed.csv'), 'news,1,,ann\nnews,3,,bob\nnews,4,,ann\nnews,4,,ann\n');
    await begin('unnamed.csv', 'unnamed', {});
    expect(await untilEnded(server, 'unnamed')).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(
        /unnamed\.csv:1: the first line looks like a row, .* name all 4 columns by columns of the request/,
      ),
    });
    await begin('unnamed.csv', 'unnamed', { columns: ['site', 'price', 'shown_at', 'user'] });
    expect(await untilEnded(server, 'unnamed')).toMatchObject({ state: 'succeeded', rows_scored: 4 });
    // A list, and no word of the task that the model was trained by.
    writeFileSync(join(drops, 'listed.jsonl'), '{"site":"news"}\n{"site":["news","games"]}\n');
    await begin('listed.jsonl', 'listed', {});
    expect(await untilEnded(server, 'listed')).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(
        /listed\.jsonl:2: input "site" holds a list, and the model reads this column as one value$/,
      ),
    });
    // Prices that are none, all of them: refused, or scored without them where that is allowed. A few are told, as a time that is none is.
    const prices = (file: string, of: readonly string[]): void =>
      writeFileSync(
        join(drops, file),
        `site,price,shown_at,user\n${of.map((price, row) => `news,${price},${row === 1 ? 'oops' : row === 2 ? 'later' : ''},u\n`).join('')}`,
      );
    prices('dollars.csv', ['$1', '$2', '$3']);
    await begin('dollars.csv', 'dollars', {});
    expect(await untilEnded(server, 'dollars')).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(
        /price: 3 of 3 values are no numbers, first "\$1" at .*dollars\.csv:2; shown_at: 2 of 2 /,
      ),
    });
    await begin('dollars.csv', 'dollars', { allow_missing: true });
    const allowed = await untilEnded(server, 'dollars');
    expect(allowed).toMatchObject({ state: 'succeeded', rows_scored: 1, rows_failed: 2 });
    const { odd, reasons } = (await resultsOf(allowed, subject.folder)).summary;
    expect(odd[0]).toMatch(/^price: 3 of 3 values are no numbers/);
    expect(reasons).toEqual([
      expect.objectContaining({
        reason: expect.stringMatching(/^input "shown_at": a value is no time/),
        rows: 2,
        line: 3,
        example: '"oops"',
      }),
    ]);
    process.kill('SIGTERM');
    await once(process, 'exit');
  }, 600_000);

  it('tells, once a column, what is unlike the rows that the model learned from, while it runs and at its end', async () => {
    // Cents where it learned dollars from 0 to 20: medians of 300, 500 and 10. Two of four rows are judged with one of two.
    const folder = join(drops, 'cents');
    mkdirSync(folder);
    const rows = (cents: readonly number[]): string =>
      `site,price,shown_at,user\n${cents.map((price) => `news,${price},,u\n`).join('')}`;
    const fourTimes = (...prices: readonly number[]): readonly number[] => Array<typeof prices>(4).fill(prices).flat();
    for (const [file, prices] of [
      ['a.csv', fourTimes(200, 300, 400)],
      ['b.csv', fourTimes(500, 500, 5)],
      ['c.csv', fourTimes(5, 10, 900)],
      ['d.csv', [700, 700, 700, 9]],
      ['e.csv', [700, 700, 700, 9]],
      ['f.csv', [700, 700]],
      // Left over, of which nothing is said.
      ['g.csv', [700, 700]],
    ] as const)
      writeFileSync(join(folder, file), rows(prices));
    const process = subject.startBatches({ BATCH_SHARD_ROWS: '1' }, 'batches-1');
    const sentence = (median: number): string =>
      `price: most values lie outside of 0 to 20, which is what the model learned from (the median is ${median}): are they of another unit?`;
    await begin('cents/a.csv', 'cents');
    const one = await untilEnded(server, 'cents');
    expect(one).toMatchObject({ state: 'succeeded', rows_scored: 12, odd: [sentence(300)] });
    expect((await resultsOf(one, subject.folder)).summary.odd).toEqual([sentence(300)]);
    expect((await ends('cents')).map(({ odd }) => odd)).toEqual([[sentence(300)]]);
    await begin('cents/', 'all-cents');
    expect((await untilEnded(server, 'all-cents')).odd).toEqual([
      `${sentence(300)} In ${pathToFileURL(join(folder, 'a.csv')).href} and 4 more`,
    ]);
    await begin('cents/f.csv', 'few-cents');
    expect(await untilEnded(server, 'few-cents')).not.toHaveProperty('odd');
    expect((await ends('few-cents')).map(({ odd }) => odd)).toEqual([[]]);
    process.kill('SIGTERM');
    await once(process, 'exit');
  }, 600_000);

  it.each<[string, object, number, RegExp]>([
    ['outside of the folders that are read', { source_uri: 'file:///etc/' }, 400, /lies in none of the folders/],
    ['that leaves its folder', { source_uri: 'DROPS/../secret.csv' }, 400, /lies in none of the folders/],
    ['that leaves it by an escape', { source_uri: 'DROPS/%2e%2e/secret.csv' }, 400, /lies in none of the folders/],
    ['under another batch’s id', { batch_id: 'calm', version: 2 }, 400, /another model, version or source/],
    ['under an id that is a path', { batch_id: '../x' }, 400, /batch_id must be 1 to 128/],
    ['by a version that is none', { version: 77 }, 404, /version 77 of model "ads"/],
    ['by a label that is none', { label: 'constructor' }, 400, /no version label/],
    ['with names that are none', { columns: 'a,b' }, 400, /"columns" must be a list of names/],
    ['with names for rows that are stored', { columns: ['site', 'price'] }, 400, /rows that are stored have names/],
    [
      'with a name that is none',
      { source_uri: 'DROPS/unnamed.csv', columns: ['', 'price'] },
      400,
      /columns: column 1 has no name/,
    ],
    [
      'with other names than it was planned by',
      { batch_id: 'unnamed', source_uri: 'DROPS/unnamed.csv', columns: ['price', 'site', 'shown_at', 'user'] },
      400,
      /a batch with other columns/,
    ],
    ['with a name that means nothing', { sourceUri: '' }, 400, /"sourceUri" that means nothing/],
  ])('is refused %s', async (_, body, status, says) => {
    const text = JSON.stringify(body).replaceAll('DROPS', pathToFileURL(drops).href);
    expect(await post(server, 'ads/batches', JSON.parse(text))).toEqual({
      status,
      body: { error: expect.stringMatching(says) },
    });
  });

  it('is refused of a model that is not served, and rows are that a request would be refused for', async () => {
    expect(await post(server, 'other/batches', {})).toMatchObject({ status: 404 });
    expect(await post(server, 'other/rows', { rows: [{ features: {} }] })).toMatchObject({ status: 400 });
    const rows = [{ features: {} }, { features: { price: 'cheap' } }];
    expect(await post(server, 'ads/rows', { rows })).toEqual({
      status: 400,
      body: { error: expect.stringMatching(/^input "price", row 1: "cheap"/) },
    });
  });
});

describe('upkeep', () => {
  it('has what is stored scored on schedule, beside the server, and removes it with its results in the end', async () => {
    await post(server, 'ads/rows', { rows: [{ features: { price: 10 } }], request_id: 'scheduled' });
    const beside = await subject.startProcess({ BATCH_EVERY: '1s' }, 'work-beside');
    const folder = join(subject.folder, 'artifacts', 'batches', 'ads');
    const slot = (): string | undefined => readdirSync(folder).find((name) => name.startsWith('ads.'));
    await expect.poll(slot, { timeout: 240_000 }).toBeDefined();
    const id = slot() ?? '';
    expect(await untilEnded(server, id)).toMatchObject({ state: 'succeeded', rows_scored: 1 });
    const begun = beside.log.find(({ process: pid }) => pid !== undefined);
    const threads = readdirSync(`/proc/${Number(begun?.['process'])}/task`).map(Number);
    expect(new Set(threads.map(getPriority))).toEqual(new Set([constants.priority.PRIORITY_LOW]));
    // The next look is the next start's.
    await beside.stop();
    const again = await subject.startProcess({ BATCH_KEEP: '1s' }, 'work-beside');
    const request = join(subject.folder, 'artifacts', 'requests', 'ads', 'scheduled.jsonl');
    await expect
      .poll(async () => [await told(server, id), existsSync(request)], { timeout: 240_000 })
      .toEqual([undefined, false]);
    await again.stop();
  }, 600_000);
});
