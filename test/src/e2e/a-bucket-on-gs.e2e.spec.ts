import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateWorld, type WorldSummary } from '@adstocrat/adworld';
import { type RunningFakeGcs, startFakeGcs } from '@adstocrat/fake-gcs';
import { jsonOf, runCommand } from '@adstocrat/campaigns';
import { temporaryFolder } from './temporary-folder.ts';

describe('a bucket on gs://', () => {
  const folder = temporaryFolder('gs');
  let gcs: RunningFakeGcs;
  let world: WorldSummary;

  beforeAll(async () => {
    const buckets = join(folder, 'buckets');
    mkdirSync(buckets);
    world = await generateWorld({
      out: join(buckets, 'contractor'),
      truth: join(folder, 'truth'),
      rows: 20_000,
      creatives: 120,
    });
    gcs = await startFakeGcs({ data: buckets });
    await gcs.makeBucket('artifacts');
  });
  afterAll(() => gcs.stop());

  it('becomes a served model, with spans and servables kept on gs:// too', async () => {
    const answer = jsonOf<{
      readonly rows: number;
      readonly images: number;
      readonly testAuc: number;
      readonly version: number;
    }>(
      await runCommand(
        [
          ...['run', '--home', join(folder, 'home'), '--free-ports', '--data', 'gs://contractor', '--once', '--json'],
          ...['--task', join(world.out, 'task.yaml')],
        ],
        { environment: { STORAGE_EMULATOR_HOST: gcs.url, ARTIFACTS_URL: 'gs://artifacts/adstocrat' } },
      ),
    );
    expect(answer).toMatchObject({ rows: 20_000, version: 1 });
    expect(answer.images).toBe(imagesShown(world));
    // Better than chance and not better than what can be known.
    expect(answer.testAuc).toBeGreaterThan(0.6);
    expect(answer.testAuc).toBeLessThan(world.ceilings.all.full.onLabels.auc);
  }, 1_200_000);

  it('says of a bucket that is not there that it is not', async () => {
    const result = await runCommand(
      [
        'run',
        '--home',
        join(folder, 'other'),
        '--free-ports',
        '--data',
        'gs://no-such-bucket',
        '--label',
        'clicked',
        '--once',
      ],
      { environment: { STORAGE_EMULATOR_HOST: gcs.url } },
    );
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/gs:\/\/no-such-bucket/);
  });
});

/** Distinct images that the impressions name. */
function imagesShown({ out, shards }: WorldSummary): number {
  const shown = new Set<string>();
  for (const shard of shards) {
    const bytes = readFileSync(join(out, shard));
    const text = (shard.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
    // An image is named by 16 hex digits.
    for (const [name] of text.matchAll(/[0-9a-f]{16}\.png/g)) shown.add(name);
  }
  return shown.size;
}
