import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { testDatabase } from '@adstocrat/postgres';
import { expect, it } from 'vitest';
import { ingestionParts } from '../testing/ingestion-parts.ts';
import { doShards } from './do-shards.ts';
import { doShardJob, type ShardWork } from './shard-work.ts';

/** Longer than the looks at a shard's job are apart. */
const stepMs = 400;

/** Fetches all, counts half and all of it, writes it, and says so. */
const work: ShardWork<number> = {
  kind: { name: 'spec.count-shard', parse: Number },
  longestStep: 'count',
  async run(_, shard, { into }, { onProgress }) {
    for (const [step, done] of [
      ['download', 2],
      ['count', 1],
      ['count', 2],
      ['write', 0],
    ] as const) {
      onProgress(step, done, step === 'write' ? 0 : 2, 'bytes');
      await sleep(stepMs);
    }
    writeFileSync(join(into, 'shard'), String(shard));
  },
};

it('tells of shards how much is done of what takes longest, and never less than before', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'do-shards-'));
  const database = await testDatabase();
  const parts = await ingestionParts(database.url, folder);
  try {
    parts.jobs.work(work.kind, { concurrency: 1 }, (job) => doShardJob(work, parts, job));
    const told: number[] = [];
    const folders = await doShards(
      {
        dependencies: parts,
        jobs: parts.jobs,
        job: { signal: new AbortController().signal, advanced: () => Promise.resolve() },
        run: 'run',
        layout: 'two',
        workDir: join(folder, 'span'),
        onProgress: (step, done, total, unit) => {
          expect([step, total, unit]).toEqual(['scan', 400, 'bytes']);
          if (told.at(-1) !== done) told.push(done);
        },
      },
      work,
      [
        { payload: 7, weight: 100 },
        { payload: 8, weight: 300 },
      ],
      { step: 'scan', unit: 'bytes' },
    );
    // A machine that is busy may miss some.
    expect(told.filter((done) => ![0, 50, 100, 250, 400].includes(done))).toEqual([]);
    expect(told).toEqual(told.toSorted((one, other) => one - other));
    expect(told.at(-1)).toBe(400);
    expect(await Promise.all(folders.map(async (one) => await one.json<number>('shard')))).toEqual([7, 8]);
  } finally {
    await parts.close();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
