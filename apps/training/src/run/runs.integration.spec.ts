import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { PermanentFailure } from '@adstocrat/event-bus';
import { PostgresEventBus } from '@adstocrat/event-bus-postgres';
import { PostgresJobs } from '@adstocrat/jobs-postgres';
import { PostgresMetadata } from '@adstocrat/metadata-postgres';
import { type TestDatabase, testDatabase } from '@adstocrat/postgres';
import { type events, topics } from '@adstocrat/schemas';
import { createLogger } from '@adstocrat/service-kit/telemetry';
import { adsTask, servable, spanOf } from '../testing/fixtures.ts';
import { doRun } from './do-run.ts';
import type { RunView } from './run-view.ts';
import { Runs } from './runs.ts';
import { runOf, trainJob } from './train-job.ts';
import type { TrainServable } from './train-servable.ts';

describe('training runs on jobs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-runs-'));
  const artifactsUrl = pathToFileURL(join(folder, 'artifacts')).href;
  const store = new LocalArtifactStore();
  let database: TestDatabase;
  let bus: PostgresEventBus;
  let metadata: PostgresMetadata;
  let opened: PostgresJobs[] = [];
  let said: events.ModelTrained[] = [];
  beforeAll(async () => {
    database = await testDatabase();
    bus = new PostgresEventBus({ url: database.url });
    metadata = PostgresMetadata.open(database.url);
    await metadata.migrate();
    await instance().jobs.migrate();
    await bus.subscribe(topics.modelTrained, { group: 'test' }, (batch) => {
      said.push(...batch.map(({ event }) => event));
      return Promise.resolve();
    });
    await metadata.putTask(adsTask);
  });
  let span = 0;
  beforeEach(async () => {
    span += 1;
    said = [];
    await metadata.putSpan(spanOf(span));
  });
  afterEach(async () => {
    await Promise.all(opened.map((jobs) => jobs.close()));
    opened = [];
  });
  afterAll(async () => {
    await bus.close();
    await metadata.close();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What one process of training has. It works where it is given a trainer. */
  function instance(train?: TrainServable): { readonly jobs: PostgresJobs; readonly runs: Runs } {
    const jobs = PostgresJobs.open(database.url, { leaseMs: 1000, pollMs: 30, firstPauseMs: 5 });
    opened.push(jobs);
    if (train !== undefined) {
      jobs.relay(bus);
      const workDir = join(folder, `work-${opened.length}`);
      const options = {
        metadata,
        store,
        artifactsUrl,
        workDir,
        checkpointEveryMs: 0,
        train,
        logger: createLogger({ service: 'test', level: 'silent' }),
      };
      jobs.work(
        trainJob,
        {
          concurrency: 1,
          removeOutput: (uri) => store.clear(uri),
          onFailed: ({ key, payload, reason }, transaction) =>
            metadata.putRun({ ...runOf(key, payload), state: 'failed', reason, metrics: {} }, transaction),
        },
        (job) => doRun(job, options),
      );
    }
    return { jobs, runs: new Runs(metadata, jobs) };
  }

  async function ended(runs: Runs, id: string): Promise<RunView> {
    return until(`run ${id} ends`, async () => {
      const run = await runs.find(id);
      return run?.state === 'running' ? undefined : run;
    });
  }

  it('begin from the version in service where the task says so, and from another are another run', async () => {
    const warm = { ...adsTask, name: 'warm' };
    const yaml = warm.yaml.replace('name: ads', 'name: warm\ntraining: {warmStart: true}');
    await metadata.putTask({ ...warm, yaml, resolvedYaml: yaml });
    await metadata.putSpan({ ...spanOf(1), task: 'warm' });
    const { runs, jobs } = instance();
    const deploy = (revision: number, version: number): Promise<void> =>
      metadata.appendDeployment({
        model: 'warm',
        revision,
        versions: [1, 2].map((one) => ({ version: one, uri: `u${one}`, digest: `d${one}` })),
        labels: { stable: version },
        split: [{ version, basisPoints: 10_000 }],
        reason: 'test',
        changedAtMs: 1,
      });
    const asked = async (): Promise<string> => runs.request('warm', 1, 'event');
    const cold = await asked();
    await deploy(1, 1);
    const first = await asked();
    await deploy(2, 2);
    const second = await asked();
    expect(new Set([cold, first, second]).size).toBe(3);
    const payloads = new Map(
      (await jobs.live(trainJob)).map(({ key, payload }) => [key, trainJob.parse(payload).before]),
    );
    expect([cold, first, second].map((id) => payloads.get(id))).toEqual([
      undefined,
      { version: 1, uri: 'u1', digest: 'd1' },
      { version: 2, uri: 'u2', digest: 'd2' },
    ]);
    for (const id of [cold, first, second]) await runs.cancel(id, 'seen');
  });

  it('are done once by two processes that hear of the span, recorded and said in one', async () => {
    let trained = 0;
    const count: TrainServable = (options) => {
      trained += 1;
      return servable(options);
    };
    const [one, other] = [instance(count), instance(count)];
    const ids = await Promise.all([one.runs.request('ads', span, 'event'), other.runs.request('ads', span, 'event')]);
    expect(ids[0]).toBe(ids[1]);
    const id = ids[0]!;
    expect(await ended(other.runs, id)).toMatchObject({ state: 'succeeded', version: 1, spans: [span] });
    const { made } = (await metadata.getRun(id)) ?? {};
    await until('the model is said', () => Promise.resolve(said[0]));
    expect(trained).toBe(1);
    expect(said).toEqual([expect.objectContaining({ runId: id, ...made })]);
    expect(made?.uri).toMatch(/models\/ads\/1-\d+$/);
    // The same event says nothing new; a command that asks again has it said again, for what follows.
    await one.runs.request('ads', span, 'event 2');
    await until('the model is said again', () => Promise.resolve(said[1]));
    expect(trained).toBe(1);
  });

  it('are done again, as another run of another version, once the files of the version were removed', async () => {
    const { runs } = instance(servable);
    const id = await runs.request('ads', span, 'event');
    const { version = 0 } = await ended(runs, id);
    const { made } = (await metadata.getRun(id)) ?? {};
    const record = { model: 'ads', runId: id, spans: [span], blessed: false, reasons: [], updatedAtMs: 1 };
    await metadata.addVersion({ ...record, ...made!, state: 'not_blessed' });
    expect(await runs.request('ads', span, 'while it is there')).toBe(id);
    await metadata.updateVersion('ads', version, 'not_blessed', { removedAtMs: 2 });
    // An event that is read once more says what was, and trains nothing old.
    expect(await runs.request('ads', span, 'another event')).toBe(id);
    const another = await runs.request('ads', span, 'a command', { anew: true });
    expect(another).not.toBe(id);
    expect(await ended(runs, another)).toMatchObject({ state: 'succeeded', version: version + 1 });
    // What was made in its place is there: it is the same run for all who ask.
    expect(await runs.request('ads', span, 'another command', { anew: true })).toBe(another);
    const { made: next } = (await metadata.getRun(another)) ?? {};
    await metadata.addVersion({ ...record, ...next!, state: 'superseded', removedAtMs: 3 });
    expect([id, another]).not.toContain(await runs.request('ads', span, 'a third', { anew: true }));
  });

  it('that failed are tried anew, without the old error, where they are asked for again', async () => {
    let broken = true;
    const { runs } = instance((options) =>
      broken ? Promise.reject(new PermanentFailure('there are no validation rows')) : servable(options),
    );
    const id = await runs.request('ads', span, 'event');
    expect(await ended(runs, id)).toMatchObject({ state: 'failed', reason: 'there are no validation rows' });
    broken = false;
    await runs.request('ads', span, 'event');
    expect(await runs.find(id)).toMatchObject({ state: 'failed' });
    expect(await runs.request('ads', span, 'a command')).toBe(id);
    const again = await ended(runs, id);
    expect(again).toMatchObject({ state: 'succeeded' });
    expect(again.reason).toBeUndefined();
  });

  it('are tried again after a failure of no known kind, and the work folder of the attempt is gone', async () => {
    const folders: string[] = [];
    const { runs } = instance((options) => {
      folders.push(options.workDir);
      return folders.length === 1 ? Promise.reject(new Error('the disk is full')) : servable(options);
    });
    const id = await runs.request('ads', span, 'event');
    expect(await ended(runs, id)).toMatchObject({ state: 'succeeded' });
    expect(new Set(folders).size).toBe(2);
    expect(readdirSync(join(folders[0]!, '..'))).toEqual([]);
  });

  it('fail at once where a disk is full, and say what to do', async () => {
    const { runs } = instance(({ workDir }) => {
      // A device that takes nothing, where a file of the servable would be.
      symlinkSync('/dev/full', join(workDir, 'model.onnx'));
      writeFileSync(join(workDir, 'model.onnx'), 'bytes');
      return Promise.reject(new Error('it took them'));
    });
    const id = await runs.request('ads', span, 'event');
    const reason = expect.stringMatching(/^a disk is full.*: free some of it/);
    expect(await ended(runs, id)).toMatchObject({ state: 'failed', reason });
  });

  it('that are cancelled stop, are recorded so, and leave nothing in the store', async () => {
    const begun = Promise.withResolvers<void>();
    const { runs, jobs } = instance(async (options) => {
      options.onStep('train', 1, 10, { trainLoss: 0.5 });
      begun.resolve();
      await new Promise((resolve) => options.signal.addEventListener('abort', resolve));
      return servable(options);
    });
    const id = await runs.request('ads', span, 'event');
    await begun.promise;
    expect(await runs.cancel(id, 'the user left')).toBe(true);
    expect(await runs.find(id)).toMatchObject({ state: 'cancelled', reason: 'the user left' });
    await jobs.close();
    // The attempt went on to its end, since its trainer does not care: it could record nothing.
    expect(await metadata.getRun(id)).toMatchObject({ state: 'cancelled' });
    expect(await instance().runs.cancel(id, 'again')).toBe(false);
    const version = await metadata.reserveVersion('ads', id);
    expect((await modelFolders()).filter((name) => name.startsWith(`${version}-`))).toEqual([]);
  });

  async function modelFolders(): Promise<readonly string[]> {
    const uris = await Array.fromAsync(store.list(`${artifactsUrl}/models/`));
    return [...new Set(uris.map(({ uri }) => uri.split('/').at(-2) ?? ''))];
  }
});

async function until<T>(what: string, found: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 240_000; ;) {
    const value = await found();
    if (value !== undefined) return value;
    if (Date.now() > end) throw new Error(`waited 20 s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
