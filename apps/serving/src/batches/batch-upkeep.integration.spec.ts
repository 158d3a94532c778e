import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ArtifactInfo, type ArtifactStore, joinUri, type ListedArtifact } from '@adstocrat/artifact-store';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { PostgresJobs } from '@adstocrat/jobs-postgres';
import { PostgresMetadata } from '@adstocrat/metadata-postgres';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { closePool, openPool } from '@adstocrat/postgres-client';
import type { Pool } from 'pg';
import { createLogger } from '@adstocrat/service-kit/telemetry';
import { batchJob, BatchPlaces } from './batch.ts';
import { BatchStore } from './batch-store.ts';
import { migrateBatchTables } from './batch-tables.ts';
import { BatchUpkeep } from './batch-upkeep.ts';
import { Batches } from './batches.ts';
import { Sources } from './sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-batch-upkeep-'));
const places = new BatchPlaces(pathToFileURL(folder).href);
const [slotMs, keptMs] = [60_000, 3_600_000];
const start = Date.UTC(2026, 0, 1);
let database: TestDatabase;
let pool: Pool;
let jobs: PostgresJobs;
let metadata: PostgresMetadata;
let batches: BatchStore;

beforeAll(async () => {
  database = await testDatabase();
  pool = openPool(database.url, { name: 'spec', max: 2 });
  jobs = PostgresJobs.open(database.url);
  metadata = PostgresMetadata.open(database.url);
  await metadata.migrate();
  await jobs.migrate();
  await migrateBatchTables(pool);
  batches = new BatchStore(pool);
});
afterAll(async () => {
  await Promise.all([jobs.close(), metadata.close(), closePool(pool)]);
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** The upkeep of one process for one model; `store`: where it finds what is stored. */
function upkeepOf(model: string, { everyMs = slotMs, store = new LocalArtifactStore() as ArtifactStore } = {}) {
  const sources = new Sources(places, batches, () => Promise.resolve(store));
  const begin = new Batches({ jobs, batches, metadata, places, allowed: [], migrate: () => Promise.resolve() });
  const currentDeployments = async () =>
    (await metadata.currentDeployments()).filter((deployment) => deployment.model === model);
  const logger = createLogger({ service: 'spec', level: 'silent' });
  const parts = { jobs, batches, begin, sources, store, metadata: { currentDeployments }, logger, everyMs, keptMs };
  return { upkeep: new BatchUpkeep(parts), sources, begin };
}

/** A local store whose listing does something else too. */
function listing(also: (all: readonly ArtifactInfo[]) => void): ArtifactStore {
  const local = new LocalArtifactStore();
  const list = async function* (prefix: string): AsyncGenerator<ListedArtifact> {
    const all = await Array.fromAsync(local.list(prefix));
    also(all);
    yield* all;
  };
  return Object.assign(Object.create(local) as ArtifactStore, { list });
}

/** A model that is served, with a file that is stored for it: its path. */
async function served(model: string): Promise<string> {
  await metadata.appendDeployment({
    model,
    revision: 1,
    labels: { stable: 1 },
    split: [{ version: 1, basisPoints: 10_000 }],
    reason: 'spec',
    changedAtMs: 0,
    versions: [{ version: 1, uri: 'file:///nowhere', digest: '0'.repeat(64) }],
  });
  const path = fileURLToPath(joinUri(places.stored(model), 'rows.jsonl'));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '{}\n');
  return path;
}

const idsOf = async (model: string): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM serving.batches WHERE model = $1 ORDER BY id', [
    model,
  ]);
  return rows.map(({ id }) => id);
};

describe('BatchUpkeep', () => {
  it('begins no batch while another is about to take what is stored, and one of its slot after it', async () => {
    await served('slots');
    const { upkeep } = upkeepOf('slots');
    for (const slot of [0, 1]) await upkeep.look(start + slot * slotMs);
    expect(await idsOf('slots')).toEqual(['slots.20260101T000000000Z']);
    await pool.query(`UPDATE serving.batches SET planned_uri = 'file:///plan' WHERE model = 'slots'`);
    await upkeep.look(start + 2 * slotMs);
    expect(await idsOf('slots')).toEqual(['slots.20260101T000000000Z', 'slots.20260101T000200000Z']);
  });

  it.each([
    ['just now', 0, 1, 'failed'],
    ['a while ago', 11, 20, 'running'],
    ['a while ago, begun longer ago than rows are kept', 11, 61, 'failed'],
  ])('has a batch that took rows and failed %s', async (when, minutes, begunMinutes, state) => {
    const model = when.replaceAll(/[ ,]+/g, '-');
    await served(model);
    const { upkeep } = upkeepOf(model);
    await upkeep.look(start);
    const [id = ''] = await idsOf(model);
    await pool.query('UPDATE serving.stored_files SET batch = $1 WHERE model = $2', [id, model]);
    await pool.query(
      `UPDATE serving.batches SET state = 'failed', planned_uri = 'file:///plan',
         ended_at = clock_timestamp() - $2 * interval '1 minute', begun_at = clock_timestamp() - $3 * interval '1 minute'
       WHERE id = $1`,
      [id, minutes, begunMinutes],
    );
    await upkeep.look(start + 1000);
    expect((await batches.find(id))?.state).toBe(state);
  });

  it('lists what is stored once a slot, however often it looks', async () => {
    await served('listed');
    let lists = 0;
    const { upkeep } = upkeepOf('listed', { store: listing(() => (lists += 1)) });
    await upkeep.look(start);
    const first = lists;
    for (let ms = 1000; ms < slotMs; ms += 1000) await upkeep.look(start + ms);
    expect([first > 0, lists]).toEqual([true, first]);
  });

  it('lists what is stored once a slot where batches have taken all of it', async () => {
    await served('taken');
    let lists = 0;
    const { upkeep } = upkeepOf('taken', { store: listing(() => (lists += 1)) });
    await upkeep.look(start);
    const [id = ''] = await idsOf('taken');
    await pool.query('UPDATE serving.stored_files SET batch = $1 WHERE model = $2', [id, 'taken']);
    await pool.query(
      `UPDATE serving.batches SET state = 'succeeded', planned_uri = 'file:///plan', ended_at = clock_timestamp()
       WHERE id = $1`,
      [id],
    );
    const before = lists;
    for (let ms = slotMs; ms < 3 * slotMs; ms += 1000) await upkeep.look(start + ms);
    expect([before > 0, lists - before]).toEqual([true, 2]);
    expect(await idsOf('taken')).toEqual([id]);
  });

  it('does not remember a file that another process removes after it was listed', async () => {
    const path = await served('removed');
    const { sources } = upkeepOf('removed', { store: listing(() => rmSync(path)) });
    await sources.look('removed');
    expect(await batches.untaken('removed')).toEqual([]);
  });

  it('removes rows that no batch took for so long', async () => {
    const path = await served('old');
    const { upkeep, sources } = upkeepOf('old', { everyMs: 0 });
    await sources.look('old');
    await upkeep.look(start);
    expect(existsSync(path)).toBe(true);
    await pool.query(`UPDATE serving.stored_files SET seen_at = seen_at - interval '61 minutes' WHERE model = 'old'`);
    await upkeep.look(start + 1000);
    expect(existsSync(path)).toBe(false);
    expect(await batches.untaken('old')).toEqual([]);
  });
});

describe('Batches', () => {
  it('begin with no version whose files were removed, and name the version that their steps need', async () => {
    await served('pinned');
    const { begin } = upkeepOf('pinned');
    const record = { model: 'pinned', uri: 'file:///nowhere', digest: '0'.repeat(64), runId: 'r', spans: [1] };
    const over = { state: 'superseded', blessed: true, reasons: [], updatedAtMs: 0 } as const;
    await metadata.addVersion({ ...record, ...over, version: 2 });
    await metadata.addVersion({ ...record, ...over, version: 3, removedAtMs: Date.UTC(2026, 0, 31) });
    const ask = (id: string, version: number) =>
      begin.begin({ id, target: { model: 'pinned', version }, source: '', allowMissing: true, columns: [] });
    await expect(ask('of-3', 3)).rejects.toThrow(
      'version 3 of model "pinned" is not available: its files were removed on 2026-01-31',
    );
    expect(await batches.find('of-3')).toBeUndefined();
    expect(await ask('of-2', 2)).toMatchObject({ state: 'running', version: 2 });
    const live = (await jobs.live(batchJob)).filter(({ key }) => key.startsWith('of-'));
    expect(live.map(({ payload }) => payload)).toEqual([
      { batch: 'of-2', run: expect.any(Number), step: 'plan', model: 'pinned', version: 2 },
    ]);
    // One that has ended is answered as it is, whatever became of its version.
    await metadata.updateVersion('pinned', 2, 'superseded', { removedAtMs: 1 });
    await expect(ask('of-2', 2)).rejects.toThrow('its files were removed');
    await pool.query(`UPDATE serving.batches SET state = 'succeeded', ended_at = clock_timestamp() WHERE id = 'of-2'`);
    expect(await ask('of-2', 2)).toMatchObject({ state: 'succeeded' });
  });
});
