import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderBytes } from '@adstocrat/artifact-folders';
import { PermanentFailure } from '@adstocrat/event-bus';
import { type ArtifactStore, createText } from '@adstocrat/artifact-store';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import type { Jobs } from '@adstocrat/jobs';
import type { VersionRecord } from '@adstocrat/metadata';
import { createLogger } from '@adstocrat/service-kit/telemetry';
import { judgeAgain } from '../candidates/judge-again.ts';
import { Deployments } from '../rollout/deployments.ts';
import { openRegistry, type Registry } from '../testing/registry.ts';
import { type Cleaned, type CleanParts, cleanVersions } from './clean-versions.ts';
import { removeVersion, removeVersionJob } from './remove-version-job.ts';

const day = 86_400_000;
const nowMs = (): number => Date.UTC(2026, 0, 31);
const folder = mkdtempSync(join(tmpdir(), 'adstocrat-versions-'));
const artifactsUrl = pathToFileURL(join(folder, 'artifacts')).href;
const store = new LocalArtifactStore();
const logger = createLogger({ service: 'test', level: 'silent' });
const keeping = { versions: 1, days: 30 };
let registry: Registry;
beforeAll(async () => {
  registry = await openRegistry();
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

const partsOf = (change: Partial<CleanParts> = {}): CleanParts => {
  const { metadata, jobs } = registry;
  return { metadata, jobs, store, artifactsUrl, logger, nowMs, clockSpeed: 1, ...change };
};
const foldersOf = (model: string, version: number) => ({
  uri: `${artifactsUrl}/models/${model}/${version}-7`,
  evaluations: `${artifactsUrl}/evaluations/${model}/${version}`,
});

/** A version that has been in its state for 90 days, with a servable of 10 bytes and evaluations of 5. */
async function put(model: string, version: number, change: Partial<VersionRecord>): Promise<void> {
  const { uri, evaluations } = foldersOf(model, version);
  for (const [at, text] of [
    [`${uri}/weights.bin`, '1234'],
    [`${uri}/servable.json`, '123456'],
    [`${evaluations}/3/evaluation.json`, '12'],
    [`${evaluations}/8/report.html`, '123'],
  ] as const)
    await createText(store, at, text);
  await registry.putVersion(model, version, { uri, blessed: true, updatedAtMs: nowMs() - 90 * day, ...change });
}

const deploy = (model: string, revision: number, stable: number): Promise<void> =>
  registry.metadata.appendDeployment({
    model,
    revision,
    versions: [{ version: stable, uri: foldersOf(model, stable).uri, digest: '' }],
    labels: { stable },
    split: [{ version: stable, basisPoints: 10_000 }],
    reason: 'test',
    changedAtMs: 1,
  });
const batch = (jobs: Jobs, model: string, version: number) =>
  jobs.request({
    kind: { name: 'serving.batch', parse: (payload: unknown) => payload },
    key: `${model}/${version}`,
    payload: { batch: 'b', run: 1, step: 'plan', model, version },
    by: 'a test',
  });
const numbers = (list: Cleaned['going']): readonly number[] => list.map(({ record }) => record.version);
const bytesOf = async (model: string, version: number): Promise<number> => {
  const { uri, evaluations } = foldersOf(model, version);
  return (await folderBytes(store, uri)) + (await folderBytes(store, evaluations));
};

const asked = { keeping, predictionsKeptMs: 0, dryRun: false };

describe('cleanVersions', () => {
  it('asks again for what could not be removed, and removes nothing of another installation’s', async () => {
    await registry.putTask('stuck', {});
    await put('stuck', 1, { state: 'superseded' });
    // Young ones, which no other test hears of.
    for (const version of [2, 3]) await put('stuck', version, { state: 'deployed', updatedAtMs: nowMs() });
    await deploy('stuck', 1, 2);
    await deploy('stuck', 2, 3);
    const { jobs } = registry;
    let allowed = false;
    const worker = jobs.work(removeVersionJob, { concurrency: 1 }, (job) =>
      allowed ? removeVersion(store, job) : Promise.reject(new PermanentFailure('no permission')),
    );
    expect(numbers((await cleanVersions(partsOf(), asked)).going)).toContain(1);
    const { uri } = foldersOf('stuck', 1);
    const state = async () => (await jobs.get(removeVersionJob, uri))?.state;
    await expect.poll(state, { timeout: 60_000 }).toBe('failed');
    expect(await bytesOf('stuck', 1)).toBe(15);
    allowed = true;
    expect(numbers((await cleanVersions(partsOf(), asked)).going)).not.toContain(1);
    await expect.poll(state, { timeout: 60_000 }).toBe('succeeded');
    expect(await bytesOf('stuck', 1)).toBe(0);
    await worker.stop();
    const installation = () => Promise.resolve('another');
    const metadata = Object.assign(Object.create(registry.metadata) as typeof registry.metadata, { installation });
    await expect(cleanVersions(partsOf({ metadata }), asked)).rejects.toThrow(/belongs to another installation/);
  });

  it('removes the files of what nothing needs once, though two do it; records stay and say so', async () => {
    await registry.putTask('m', { thresholds: { minAuc: 0.7 } });
    await put('m', 1, { state: 'superseded' });
    await put('m', 2, { state: 'not_blessed', evaluation: { thresholds: { minAuc: 0.9 } } });
    await put('m', 3, { state: 'superseded' });
    await put('m', 4, { state: 'rolled_back' });
    await put('m', 5, { state: 'superseded' });
    await put('m', 6, { state: 'deployed' });
    await put('m', 7, { state: 'superseded', updatedAtMs: nowMs() - 29 * day });
    await put('m', 8, { state: 'evaluating' });
    await put('m', 9, { state: 'not_blessed' });
    for (const [index, stable] of [1, 3, 6].entries()) await deploy('m', index + 1, stable);
    await batch(registry.jobs, 'm', 4);
    const train = { name: 'train', parse: (payload: unknown) => payload };
    const run = { task: 'm', spans: [1], retrainId: '', taskYaml: 'x', before: { version: 5, uri: '', digest: '' } };
    await registry.jobs.request({ kind: train, key: 'r', payload: run, by: 'a test' });
    const before = await registry.metadata.listVersions('m');

    const dry = await cleanVersions(partsOf(), { keeping, predictionsKeptMs: 0, dryRun: true });
    const why = 'superseded 90 days ago, more than 30';
    expect(dry.going.map(({ record, bytes, why: says }) => [record.version, bytes, says])).toEqual([
      [1, 15, why],
      [2, 15, why.replace('superseded', 'not blessed')],
    ]);
    expect(dry.staying.map(({ record, bytes, why: says }) => [record.version, bytes, says])).toEqual([
      [3, 15, 'a rollback returns to it'],
      [4, 15, 'batch b is scored by it'],
      [5, 15, 'run r begins from it'],
      [6, 15, 'it is deployed'],
      [8, 15, 'it is evaluating'],
    ]);
    expect(await registry.metadata.listVersions('m')).toEqual(before);
    // Feedback has predictions of 100 days: none goes.
    const behind = await cleanVersions(partsOf(), { keeping, predictionsKeptMs: 100 * day, dryRun: false });
    expect([behind.going, numbers(behind.staying)]).toEqual([[], [1, 2, 3, 4, 5, 6, 8]]);

    const two = [registry.jobs, registry.anotherJobs()];
    const done = await Promise.all(
      two.map((jobs) => cleanVersions(partsOf({ jobs }), { keeping, predictionsKeptMs: 0, dryRun: false })),
    );
    expect(done.flatMap(({ going }) => numbers(going)).toSorted()).toEqual([1, 2]);
    const after = await registry.metadata.listVersions('m');
    expect(after).toEqual(before.map((record) => (record.version < 3 ? { ...record, removedAtMs: nowMs() } : record)));
    const workers = two.map((jobs) =>
      jobs.work(removeVersionJob, { concurrency: 1 }, (job) => removeVersion(store, job)),
    );
    await expect.poll(async () => [await bytesOf('m', 1), await bytesOf('m', 2)], { timeout: 20_000 }).toEqual([0, 0]);
    await Promise.all(workers.map((worker) => worker.stop()));
    for (const version of [3, 4, 5, 6, 7, 8, 9]) expect(await bytesOf('m', version)).toBe(15);
    expect((await cleanVersions(partsOf(), { keeping, predictionsKeptMs: 0, dryRun: false })).going).toEqual([]);
  });

  it('leaves a version that nobody can put into service, or judge, any more', async () => {
    const { jobs, metadata } = registry;
    const deployments = new Deployments({ jobs, metadata, nowMs });
    const says = 'version 1 of "m" cannot be deployed, its files were removed on 2026-01-31: nothing was changed';
    await expect(deployments.rollBack('m', 1, '')).rejects.toThrow(new RangeError(says));
    expect(await judgeAgain({ jobs, metadata, nowMs }, 'm', 2)).toBe(false);
    expect((await metadata.currentDeployment('m'))?.labels).toEqual({ stable: 6 });
  });

  it.each<[string, (model: string) => Promise<unknown>]>([
    [
      'that a person rolls back to',
      (model) => new Deployments({ ...registry, nowMs }).rollBack(model, 1, 'in between'),
    ],
    ['that a batch begins with', (model) => batch(registry.anotherJobs(), model, 1)],
  ])('keeps a version %s between the look and the removal', async (what, meanwhile) => {
    const model = `meanwhile-${what.length}`;
    await registry.putTask(model, {});
    await put(model, 1, { state: 'superseded' });
    await put(model, 2, { state: 'superseded' });
    await put(model, 3, { state: 'deployed' });
    await put(model, 4, { state: 'deployed' });
    // What a rollback returns to is the third: the first two may go.
    for (const [index, stable] of [1, 2, 3, 4].entries()) await deploy(model, index + 1, stable);
    let isDone = false;
    // Sizes are taken after the look and before the transaction.
    const hooked: ArtifactStore = Object.create(store, {
      list: {
        value: async function* (prefix: string) {
          if (!isDone && prefix.includes(`/models/${model}/`)) {
            isDone = true;
            await meanwhile(model);
          }
          yield* store.list(prefix);
        },
      },
    }) as ArtifactStore;
    const { going } = await cleanVersions(partsOf({ store: hooked }), { keeping, predictionsKeptMs: 0, dryRun: false });
    expect([isDone, numbers(going.filter(({ record }) => record.model === model))]).toEqual([true, [2]]);
    expect((await registry.metadata.getVersion(model, 1))?.removedAtMs).toBeUndefined();
    expect(await bytesOf(model, 1)).toBe(15);
  });

  it('goes on where a process was ended half-way', async () => {
    await registry.putTask('half', {});
    await put('half', 1, { state: 'rolled_back' });
    await put('half', 2, { state: 'not_blessed' });
    const half = Promise.withResolvers<void>();
    // It has removed the root file and comes no further.
    const stuck: ArtifactStore = Object.create(store, {
      clear: {
        value: () => {
          half.resolve();
          return new Promise<void>(() => undefined);
        },
      },
    }) as ArtifactStore;
    const [jobs, others] = [registry.anotherJobs(), registry.anotherJobs()];
    await cleanVersions(partsOf({ jobs }), { keeping, predictionsKeptMs: 0, dryRun: false });
    expect((await registry.metadata.getVersion('half', 1))?.removedAtMs).toBe(nowMs());
    const key = foldersOf('half', 1).uri;
    jobs.work(removeVersionJob, { concurrency: 5 }, (job) => removeVersion(job.key === key ? stuck : store, job));
    await half.promise;
    expect(await bytesOf('half', 1)).toBe(9);
    await jobs.close();
    others.work(removeVersionJob, { concurrency: 1 }, (job) => removeVersion(store, job));
    await expect.poll(() => bytesOf('half', 1), { timeout: 20_000 }).toBe(0);
  });

  it('leaves what the newest deployment names, whatever its state', async () => {
    await registry.putTask('named', {});
    for (const version of [1, 2, 5]) await put('named', version, { state: 'superseded' });
    for (const version of [3, 4]) await put('named', version, { state: 'deployed' });
    await deploy('named', 1, 3);
    const { uri } = foldersOf('named', 4);
    const newest = { model: 'named', revision: 2, split: [], reason: 'test', changedAtMs: 2 };
    const versions = [{ version: 4, uri, digest: '' }];
    await registry.metadata.appendDeployment({ ...newest, versions, labels: { stable: 4, champion: 1 } });
    // The fifth is the newest of all, the third what a rollback returns to, and the first has a label.
    const { going } = await cleanVersions(partsOf(), { ...asked, dryRun: true });
    expect(numbers(going.filter(({ record }) => record.model === 'named'))).toEqual([2]);
  });
});
