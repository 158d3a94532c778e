import { createHash } from 'node:crypto';
import { mkdtemp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { Task } from '@adstocrat/tasks';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { generateWorld, type WorldSummary } from './generate-world.ts';
import { LiveTraffic } from './live-traffic.ts';
import { rankAuc } from './rank-auc.test-support.ts';
import { productShapes } from './visual-fields.ts';

const size = { seed: 7, rows: 24_000, months: 1, users: 3000, creatives: 400 } as const;
let home: string;
let world: WorldSummary;
let database: DuckDBConnection;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'adworld-'));
  world = await generateWorld({ ...size, out: join(home, 'world') });
  database = await (await DuckDBInstance.create()).connect();
  await database.run(`CREATE TABLE shown AS SELECT * FROM read_csv('${home}/world/impressions/*/*', filename = true)`);
  await database.run(`CREATE TABLE truth AS SELECT * FROM read_csv('${home}/world.truth/truth.csv')`);
  await database.run(`CREATE TABLE ads AS SELECT * FROM read_csv('${home}/world/ads.csv')`);
});

afterAll(async () => {
  database.closeSync();
  await rm(home, { recursive: true });
});

async function rows(sql: string): Promise<readonly Record<string, unknown>[]> {
  return (await database.runAndReadAll(sql)).getRowObjects() as Record<string, unknown>[];
}

async function digests(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const lines = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return `${path.slice(folder.length)} ${createHash('sha256')
      .update(await readFile(path))
      .digest('hex')}`;
  });
  return (await Promise.all(lines)).toSorted();
}

describe('generateWorld', () => {
  it('writes the same bytes for the same seed and others for another', async () => {
    await generateWorld({ ...size, out: join(home, 'again') });
    await generateWorld({ ...size, seed: 8, out: join(home, 'other') });
    const first = await digests(world.out);
    expect(first.length).toBe(400 + 4 + 2);
    expect(await digests(join(home, 'again'))).toEqual(first);
    const ceilings = (folder: string): Promise<string> => readFile(join(folder, 'ceilings.json'), 'utf8');
    expect(await ceilings(join(home, 'again.truth'))).toBe(await ceilings(world.truth));
    expect(await digests(join(home, 'again.truth'))).toEqual(await digests(world.truth));
    expect(
      (await digests(join(home, 'other'))).filter((line) => first.includes(line)).map((line) => line.split(' ')[0]),
    ).toEqual(['/task.yaml']);
  });

  it('writes shards by month, some compressed, that another reader parses', async () => {
    expect(world.shards).toEqual(
      [0, 1, 2, 3].map((part) => `impressions/month=2026-01/part-00${part}.csv${part % 2 === 1 ? '.gz' : ''}`),
    );
    const [counts] =
      await rows(`SELECT count(*)::INT AS n, count(DISTINCT impression_id)::INT AS ids, sum(clicked)::INT AS clicks,
      min(shown_at)::VARCHAR AS first, max(shown_at)::VARCHAR AS last FROM shown`);
    expect(counts).toMatchObject({ n: size.rows, ids: size.rows, clicks: world.clicks });
    expect(String(counts!['first']) >= '2026-01-01' && String(counts!['last']) < '2026-02-01').toBe(true);
    expect(
      await rows('SELECT count(*)::INT AS n FROM shown JOIN truth USING (impression_id) JOIN ads USING (creative_id)'),
    ).toEqual([{ n: size.rows }]);
  });

  it('puts commas, quotes and line breaks into some headlines', async () => {
    const [found] = await rows(`SELECT count(*)::INT AS n, count_if(headline LIKE '%,%')::INT AS commas,
      count_if(headline LIKE '%"%')::INT AS quotes, count_if(headline LIKE '%' || chr(10) || '%')::INT AS breaks FROM ads`);
    expect(found!['n']).toBe(400);
    for (const kind of ['commas', 'quotes', 'breaks']) expect(found![kind]).toBeGreaterThan(4);
  });

  it('leaves some values out', async () => {
    const [missing] = await rows(
      `SELECT avg((price_floor IS NULL)::INT) AS floor, avg((audience IS NULL)::INT) AS audience FROM shown`,
    );
    // Price floors are left out for 12 %; people without a known audience are about 8 %, weighted by activity.
    expect(missing!['floor']).toBeCloseTo(0.12, 1);
    expect(missing!['audience']).toBeGreaterThan(0.02);
  });

  it('clicks as the true probabilities say, five in a hundred', async () => {
    const [sums] = await rows(
      'SELECT sum(probability) AS expected, sqrt(sum(probability * (1 - probability))) AS deviation FROM truth',
    );
    const { expected, deviation } = sums as { expected: number; deviation: number };
    expect(Math.abs(world.clicks - expected)).toBeLessThan(4 * deviation);
    // The base logit is calibrated on 32,768 other draws; √(0.05 · 0.95 ÷ 24,000) = 0.0014.
    expect(Math.abs(world.clicks / world.rows - 0.05)).toBeLessThan(4 * 0.0014);
  });

  it('draws a picture for each ad that decodes', async () => {
    const names = await readdir(join(world.out, 'creatives'));
    expect(names).toHaveLength(400);
    const used = await rows('SELECT DISTINCT image_path AS path FROM shown');
    expect(used.every(({ path }) => names.includes(String(path)))).toBe(true);
    for (const name of names.slice(0, 20)) {
      const { info } = await sharp(join(world.out, 'creatives', name))
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(info).toMatchObject({ width: 64, height: 64, channels: 3 });
    }
  });

  it('writes a task that fits its schema and its columns', async () => {
    const task = Task.parse(parse(await readFile(join(world.out, 'task.yaml'), 'utf8')));
    const columns = (await rows('DESCRIBE SELECT * FROM shown JOIN ads USING (creative_id)')).map(
      ({ column_name: name }) => name,
    );
    expect(columns).toEqual(
      expect.arrayContaining([task.label, task.id, task.eventTime, task.unit, task.item, task.image!.column]),
    );
    expect(columns).toEqual(
      expect.arrayContaining([...task.slices.flat(), ...Object.keys(task.personal), ...Object.keys(task.features)]),
    );
  });

  it('lets live traffic go on with the same people and sites, and no id twice', async () => {
    const live = new LiveTraffic(size).page(world.endMs, world.endMs + 3_600_000).impressions;
    const known = async (column: string): Promise<Set<unknown>> =>
      new Set((await rows(`SELECT DISTINCT ${column} AS value FROM shown`)).map(({ value }) => value));
    const [ids, people, sites] = [await known('impression_id'), await known('user_id'), await known('site')];
    expect(live.some(({ id }) => ids.has(id))).toBe(false);
    expect(live.filter(({ columns }) => people.has(columns['user_id'])).length).toBeGreaterThan(0.9 * live.length);
    expect(live.every(({ columns }) => sites.has(columns['site']))).toBe(true);
    const header = (await readFile(join(world.out, world.shards[0]!), 'utf8')).split('\n')[0]!.split(',');
    expect([...Object.keys(live[0]!.columns), 'clicked']).toEqual(header);
  });
});

describe('the ceilings', () => {
  it('agree with AUCs by rank over the rows of the test period', async () => {
    const last = `(SELECT max(shown_at) FROM shown)`;
    const test =
      await rows(`SELECT clicked, probability AS full, image_probability AS image, no_pixels_probability AS "noPixels",
      creative_id IN (SELECT creative_id FROM shown WHERE shown_at < ${last} - INTERVAL 21 DAY) AS seen
      FROM shown JOIN truth USING (impression_id) WHERE shown_at >= ${last} - INTERVAL 14 DAY`);
    for (const [set, chosen] of [
      ['all', test],
      ['unseen', test.filter(({ seen }) => seen !== true)],
    ] as const) {
      const ceiling = world.ceilings[set];
      expect(ceiling.rows).toBe(chosen.length);
      for (const known of ['full', 'image', 'noPixels'] as const) {
        const auc = (outcome: string): number =>
          rankAuc(chosen.map((row) => ({ prediction: Number(row[known]), outcome: Number(row[outcome]) })));
        expect(ceiling[known].auc).toBeCloseTo(auc('full'), 3);
        expect(ceiling[known].onLabels.auc).toBeCloseTo(auc('clicked'), 3);
      }
    }
  });

  it('rise with what is known, by enough to see', () => {
    for (const set of [world.ceilings.all, world.ceilings.unseen]) {
      expect(set.image.auc - set.noPixels.auc).toBeGreaterThan(0.03);
      expect(set.full.auc).toBeGreaterThan(set.image.auc);
      expect(set.full.logLoss).toBeLessThan(set.image.logLoss);
      expect(set.image.logLoss).toBeLessThan(set.noPixels.logLoss);
      expect(set.noPixelsIdsLearned.auc).toBeLessThanOrEqual(set.image.auc);
      expect(set.full.auc).toBeGreaterThan(0.76);
      expect(set.full.auc).toBeLessThan(0.84);
    }
  });

  it('have unseen creatives of their own', () => {
    expect(world.ceilings.unseen.rows).toBeGreaterThan(0.1 * world.ceilings.all.rows);
    expect(world.ceilings.unseen.rows).toBeLessThan(world.ceilings.all.rows);
  });
});

describe('what models may see', () => {
  it('tells nothing of the pictures by ids, names or order', async () => {
    const ads =
      await rows(`SELECT ads.creative_id AS id, any_value(image_path) AS path, min(shown_at)::VARCHAR AS first, any_value(launched_on)::VARCHAR AS launched,
      any_value(truth.hue) AS hue, any_value(contrast) AS contrast, any_value(truth.headline) AS bars, any_value(clutter) AS clutter, any_value(shape) AS shape,
      any_value(button) AS button, any_value(layout) AS layout, any_value(advertiser) AS advertiser
      FROM shown JOIN truth USING (impression_id) JOIN ads USING (creative_id) GROUP BY 1`);
    const visible = ['id', 'path', 'first', 'launched', 'advertiser'].map((name) =>
      ranks(ads.map((ad) => String(ad[name]))),
    );
    const hidden = [
      ads.map(({ hue }) => Math.cos(2 * Math.PI * Number(hue))),
      ads.map(({ hue }) => Math.sin(2 * Math.PI * Number(hue))),
      ...['contrast', 'bars', 'clutter'].map((name) => ads.map((ad) => Number(ad[name]))),
      ...productShapes.map((shape) => ads.map((ad) => Number(ad['shape'] === shape))),
      ads.map(({ button }) => Number(button === 'filled')),
      ads.map(({ layout }) => Number(layout === 'stacked')),
    ];
    // Where nothing is told, a correlation over n ads has standard error 1/√n. 55 of them stay below 4 with p > 0.996.
    expect(ads.length).toBeGreaterThan(150);
    for (const seen of visible)
      for (const field of hidden) expect(Math.abs(correlation(seen, field))).toBeLessThan(4 / Math.sqrt(ads.length));
  });

  it('holds no probability and no visual field', async () => {
    const columns = [...(await rows('DESCRIBE shown')), ...(await rows('DESCRIBE ads'))].map(({ column_name: name }) =>
      String(name),
    );
    expect(columns.filter((name) => /prob|hue|contrast|clutter|button|shape|layout/.test(name))).toEqual([]);
  });
});

describe('generateWorld, misused', () => {
  it('leaves a folder alone that holds something', async () => {
    await mkdir(join(home, 'full'));
    await writeFile(join(home, 'full', 'mine.txt'), 'mine');
    await expect(generateWorld({ ...size, out: join(home, 'full') })).rejects.toThrow(
      /full is not empty: name a folder/,
    );
    await expect(generateWorld({ ...size, out: join(home, 'fresh'), truth: join(home, 'full') })).rejects.toThrow(
      /is not empty/,
    );
    expect(await readdir(join(home, 'full'))).toEqual(['mine.txt']);
    expect(await readdir(home)).not.toContain('fresh');
  });

  it('leaves nothing behind when it is stopped half-way', async () => {
    const stop = generateWorld({
      ...size,
      out: join(home, 'stopped'),
      onProgress: ({ phase, done }) => {
        if (phase === 'rows' && done > size.rows / 2) throw new Error('enough');
      },
    });
    await expect(stop).rejects.toThrow('enough');
    expect((await readdir(home)).filter((name) => name.startsWith('stopped'))).toEqual([]);
  });

  it.each([
    [{ rows: 0 }, 'rows must be a whole number from 1 to 2147483648, got 0'],
    [{ seed: 1.5 }, 'seed must be a whole number from -2147483648 to 4294967295, got 1.5'],
    [{ clickRate: 0 }, 'clickRate must be in (0, 0.5], got 0'],
    [{ months: 25 }, 'months must be a whole number from 1 to 24, got 25'],
  ])('names the option at fault in %o', async (options, message) => {
    await expect(generateWorld({ ...size, out: join(home, 'bad'), ...options })).rejects.toThrow(
      new RangeError(message),
    );
  });

  it('keeps the truth apart from the data', async () => {
    await expect(generateWorld({ ...size, out: join(home, 'a'), truth: join(home, 'a', 'truth') })).rejects.toThrow(
      /must lie apart/,
    );
  });
});

function ranks(values: readonly string[]): readonly number[] {
  const order = [...new Set(values)].toSorted();
  const rank = new Map(order.map((value, index) => [value, index]));
  return values.map((value) => rank.get(value)!);
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [index, value] of a.entries()) {
    ab += (value - meanA) * (b[index]! - meanB);
    aa += (value - meanA) ** 2;
    bb += (b[index]! - meanB) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
