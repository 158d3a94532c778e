import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, runCommand, type RunningCommand, startCommand } from '@adstocrat/campaigns';
import { writeClickLog } from './click-log.ts';
import { temporaryFolder } from './temporary-folder.ts';

interface Run {
  readonly rows: number;
  readonly images: number;
  readonly version: number;
}

interface Cleaned {
  readonly going: readonly { readonly span: number; readonly bytes: number }[];
  readonly staying: readonly { readonly span: number; readonly why: string }[];
  readonly versions: { readonly going: readonly unknown[]; readonly staying: readonly unknown[] };
  readonly images: { readonly going: { readonly images: number; readonly bytes: number } };
  readonly work: { readonly going: readonly { readonly name: string; readonly bytes: number }[] };
}

const task = `name: shop
data: {examples: ['*.csv']}
label: bought
image: {column: pic, base: img}
split: {by: hash, test: 30%, validation: 20%}
thresholds: {aucMargin: 0.5, minAuc: 0, calibrationError: 100, minPositives: 1}
rollout: {canary: ['50%'], step: 1s}
training: {maxSteps: 20}
`;

/** Two pictures a drop: one of its own, and one that every drop shows. */
async function writeDrop(folder: string, seed: number): Promise<void> {
  mkdirSync(join(folder, 'img'), { recursive: true });
  const log = join(folder, 'log.csv');
  writeClickLog(log, { rows: 600, seed });
  const [header = '', ...rows] = readFileSync(log, 'utf8').trim().split('\n');
  const lines = rows.map((row, index) => `${row},${index % 2 === 0 ? 'all' : `own-${seed}`}.png`);
  writeFileSync(log, `${header},pic\n${lines.join('\n')}\n`);
  for (const [name, red] of [['all', 7] as const, [`own-${seed}`, 50 * seed] as const])
    await sharp({ create: { width: 4, height: 4, channels: 3, background: { r: red, g: 0, b: 0 } } })
      .png()
      .toFile(join(folder, 'img', `${name}.png`));
}

describe('clean', () => {
  const folder = temporaryFolder('clean');
  const home = join(folder, 'home');
  const taskFile = join(folder, 'task.yaml');
  let command: RunningCommand;

  const drop = (seed: number): readonly string[] => ['--task', taskFile, '--data', join(folder, `drop-${seed}`)];
  const runDrop = async (seed: number): Promise<Run> =>
    jsonOf<Run>(await runCommand(['run', '--home', home, ...drop(seed), '--once', '--json']));
  const cleaned = async (...more: readonly string[]): Promise<Cleaned> => {
    const none = ['--keep-spans', '0', '--keep-versions', '0', '--keep-days', '0', '--max-gb', '0.000001'];
    return jsonOf<Cleaned>(await runCommand(['clean', '--home', home, '--json', ...none, ...more]));
  };
  /** Images that lie in packs: a PNG begins in a way that none goes on in. */
  const images = (): number => {
    const packs = join(home, 'artifacts', 'images', 'packs');
    const begin = '\x89PNG\r\n\x1a\n';
    return readdirSync(packs).reduce(
      (sum, name) => sum + readFileSync(join(packs, name), 'latin1').split(begin).length - 1,
      0,
    );
  };

  beforeAll(async () => {
    writeFileSync(taskFile, task);
    for (const seed of [1, 2, 3]) await writeDrop(join(folder, `drop-${seed}`), seed);
    const { promise: serves, resolve: isServing } = Promise.withResolvers<undefined>();
    command = startCommand(['run', '--home', home, '--free-ports', ...drop(1)], {
      onLine: (line) => {
        if (line.startsWith('serving shop:')) isServing(undefined);
      },
    });
    await Promise.race([serves, command.ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
  });
  afterAll(async () => {
    command.process.kill('SIGTERM');
    await command.ended;
  });

  it('says what would go, removes that alone, and the next drops are taken in and served', async () => {
    // Of two drops everything is in use: the second is served, the first is what a rollback returns to.
    expect(await runDrop(2)).toMatchObject({ version: 2 });
    const used = await cleaned('--dry-run');
    expect([used.going, used.versions.going, used.images.going.images, used.work.going]).toEqual([[], [], 0, []]);
    expect(used.staying).toMatchObject([
      { span: 1, why: 'version 1, which a rollback returns to' },
      { span: 2, why: 'version 2, which is deployed' },
    ]);

    // With a third nothing needs the first any more; an instance that is not started again has left its files.
    expect(await runDrop(3)).toMatchObject({ version: 3 });
    const left = join(home, 'work', 'ingestion-2', 'scratch', 'shard-1');
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, 'rows.parquet'), 'x'.repeat(5000));
    expect(images()).toBe(4);
    const dry = await cleaned('--dry-run');
    expect(dry.going).toMatchObject([{ span: 1, bytes: expect.any(Number) }]);
    expect(dry.staying.map(({ span }) => span)).toEqual([2, 3]);
    expect(dry.images.going.images).toBe(1);
    expect(dry.work.going).toMatchObject([{ name: 'work/ingestion-2', bytes: 5000 }]);
    expect([images(), existsSync(left)]).toEqual([4, true]);

    const done = await cleaned();
    expect(done.going.map(({ span }) => span)).toEqual([1]);
    await expect.poll(images, { timeout: 240_000 }).toBe(3);
    expect(existsSync(left)).toBe(false);
    const again = await cleaned();
    expect([again.going, again.images.going.images, again.work.going]).toEqual([[], 0, []]);

    // What is kept is whole: the version in service scores, also rows that show an image of a drop before.
    const rows = join(folder, 'rows.csv');
    writeFileSync(rows, 'row,colour,price,pic\nx,red,1,all.png\ny,blue,7,own-2.png\n');
    const args = ['predict', '--home', home, '--model', 'shop', '--in', rows, '--out', join(folder, 'out.csv')];
    const { code, stderr } = await runCommand(args);
    expect([code, stderr]).toEqual([0, expect.stringContaining('2 rows scored')]);

    // The data of the span that is gone is taken in again, with its image.
    expect(await runDrop(1)).toMatchObject({ rows: 600, images: 2 });
    expect(images()).toBe(4);
    expect((await cleaned('--dry-run')).staying.map(({ span }) => span)).toContain(3);
    await writeDrop(join(folder, 'drop-4'), 4);
    expect((await runDrop(4)).version).toBeGreaterThan(3);
  }, 1_200_000);
});
