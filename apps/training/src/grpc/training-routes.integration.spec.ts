import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { PostgresJobs } from '@adstocrat/jobs-postgres';
import { PostgresMetadata } from '@adstocrat/metadata-postgres';
import { type TestDatabase, testDatabase } from '@adstocrat/postgres';
import { training } from '@adstocrat/schemas';
import { GrpcServer } from '@adstocrat/service-kit/grpc';
import { createLogger } from '@adstocrat/service-kit/telemetry';
import { doRun } from '../run/do-run.ts';
import { Runs } from '../run/runs.ts';
import { trainJob } from '../run/train-job.ts';
import type { TrainServable } from '../run/train-servable.ts';
import { adsTask, servable, spanOf } from '../testing/fixtures.ts';
import { Studies } from '../tune/studies.ts';
import { trainingRoutes } from './training-routes.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const { RUN_STATE_RUNNING, RUN_STATE_SUCCEEDED, RUN_STATE_CANCELLED } = training.RunState;

describe('TrainingService', () => {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-training-routes-'));
  let database: TestDatabase;
  let metadata: PostgresMetadata;
  const closing: (() => unknown)[] = [];
  beforeAll(async () => {
    database = await testDatabase();
    metadata = PostgresMetadata.open(database.url);
    await metadata.migrate();
    await metadata.putTask(adsTask);
    for (const span of [1, 2]) await metadata.putSpan(spanOf(span));
    await metadata.putSpan({ ...spanOf(3), ready: false });
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    await metadata.close();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function serve(train: TrainServable = servable) {
    const jobs = PostgresJobs.open(database.url, { pollMs: 20 });
    await jobs.migrate();
    const artifactsUrl = pathToFileURL(join(folder, 'artifacts')).href;
    const store = new LocalArtifactStore();
    const options = { metadata, store, artifactsUrl, workDir: folder, checkpointEveryMs: 0, train, logger };
    jobs.work(trainJob, { concurrency: 1 }, (job) => doRun(job, options));
    const stopping = new AbortController();
    const server = new GrpcServer({ host: '127.0.0.1', port: 0, logger });
    const routes = trainingRoutes(
      metadata,
      { runs: new Runs(metadata, jobs), studies: new Studies(metadata, jobs) },
      logger,
      stopping.signal,
    );
    server.addService(training.TrainingServiceService, routes);
    await server.start();
    const client = new training.TrainingServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
    closing.push(
      () => jobs.close(),
      () => server.stop(),
      () => client.close(),
    );
    return { client, stopping };
  }

  async function states(client: training.TrainingServiceClient, which: Partial<training.WatchRunRequest>) {
    const seen: training.Run[] = [];
    const request = { runId: '', task: '', span: 0, ...which };
    for await (const { run } of client.watchRun(request) as AsyncIterable<training.WatchRunResponse>)
      if (run !== undefined) seen.push(run);
    return seen;
  }

  it('starts a run on the newest ready span and tells of it until it ends', async () => {
    const { client } = await serve();
    const { runId } = await answer<training.StartRunResponse>((done) =>
      client.startRun({ task: 'ads', spans: [] }, done),
    );
    const seen = await states(client, { runId });
    expect(seen.at(-1)).toMatchObject({
      runId,
      state: RUN_STATE_SUCCEEDED,
      spans: [2],
      version: 1,
      validationAuc: 0.9,
    });
    expect((await states(client, { task: 'ads', span: 2 })).map((run) => run.runId)).toEqual([runId]);
    const { runs } = await answer<training.ListRunsResponse>((done) => client.listRuns({ task: 'ads' }, done));
    expect(runs.map((run) => run.runId)).toEqual([runId]);
  });

  it('cancels a run, which whoever watches hears, and tells a watch of a stopping service to come again', async () => {
    const { client, stopping } = await serve(async (options) => {
      options.onStep('train', 1, 2);
      await new Promise((resolve) => options.signal.addEventListener('abort', resolve));
      throw options.signal.reason;
    });
    const { runId } = await answer<training.StartRunResponse>((done) =>
      client.startRun({ task: 'ads', spans: [1] }, done),
    );
    const watching = states(client, { runId });
    const cancel = (): Promise<training.CancelRunResponse> =>
      answer((done) => client.cancelRun({ runId, reason: 'the user left' }, done));
    expect(await cancel()).toEqual({ cancelled: true });
    expect(await cancel()).toEqual({ cancelled: false });
    expect((await watching).at(-1)).toMatchObject({ state: RUN_STATE_CANCELLED, error: 'the user left' });
    await answer((done) => client.startRun({ task: 'ads', spans: [1] }, done));
    const left = codeOf(states(client, { runId }));
    const { runs } = await answer<training.ListRunsResponse>((done) => client.listRuns({ task: 'ads' }, done));
    expect(runs.find((run) => run.runId === runId)?.state).toBe(RUN_STATE_RUNNING);
    stopping.abort();
    expect(await left).toBe(status.UNAVAILABLE);
  });

  it.each<[string, (client: training.TrainingServiceClient) => Promise<unknown>, status]>([
    ['no task to start', (to) => answer((done) => to.startRun({ task: '', spans: [] }, done)), status.INVALID_ARGUMENT],
    ['no data', (to) => answer((done) => to.startRun({ task: 'no', spans: [] }, done)), status.FAILED_PRECONDITION],
    ['no such span', (to) => answer((done) => to.startRun({ task: 'ads', spans: [9] }, done)), status.NOT_FOUND],
    [
      'a span with anomalies',
      (to) => answer((done) => to.startRun({ task: 'ads', spans: [3] }, done)),
      status.NOT_FOUND,
    ],
    [
      'no run to cancel',
      (to) => answer((done) => to.cancelRun({ runId: '', reason: '' }, done)),
      status.INVALID_ARGUMENT,
    ],
    [
      'no such run',
      (to) => answer((done) => to.cancelRun({ runId: '\u{1F984},', reason: '' }, done)),
      status.NOT_FOUND,
    ],
    ['a NUL', (to) => answer((done) => to.startRun({ task: 'a\0', spans: [] }, done)), status.INVALID_ARGUMENT],
    ['no task to list', (to) => answer((done) => to.listRuns({ task: '' }, done)), status.INVALID_ARGUMENT],
    ['no task to tune', (to) => answer((done) => to.startStudy(study({ task: '' }), done)), status.INVALID_ARGUMENT],
    [
      'no data to tune on',
      (to) => answer((done) => to.startStudy(study({ task: 'no' }), done)),
      status.FAILED_PRECONDITION,
    ],
    ['no such span to tune on', (to) => answer((done) => to.startStudy(study({ span: 9 }), done)), status.NOT_FOUND],
    [
      'too many trials',
      (to) => answer((done) => to.startStudy(study({ trials: 1001 }), done)),
      status.INVALID_ARGUMENT,
    ],
    [
      'fewer than no trials',
      (to) => answer((done) => to.startStudy(study({ trials: -1 }), done)),
      status.INVALID_ARGUMENT,
    ],
    [
      'epochs that are none',
      (to) => answer((done) => to.startStudy(study({ epochs: NaN }), done)),
      status.INVALID_ARGUMENT,
    ],
    [
      'a sampler that is none',
      (to) => answer((done) => to.startStudy(study({ sampler: 'constructor' }), done)),
      status.INVALID_ARGUMENT,
    ],
    [
      'no study to cancel',
      (to) => answer((done) => to.cancelStudy({ studyId: 'a', reason: '' }, done)),
      status.NOT_FOUND,
    ],
    ['no study to see', (to) => answer((done) => to.getStudyPage({ studyId: 'a\0' }, done)), status.INVALID_ARGUMENT],
  ])('answers a call that names %s with its code', async (_what, call, code) => {
    const { client } = await serve();
    expect(await codeOf(call(client))).toBe(code);
  });

  it('starts a study with its defaults, lists it, and cancels it', async () => {
    const { client } = await serve();
    const { studyId } = await answer<training.StartStudyResponse>((done) => client.startStudy(study({}), done));
    const { studies } = await answer<training.ListStudiesResponse>((done) => client.listStudies({ task: 'ads' }, done));
    const asked = { studyId, task: 'ads', spans: [2], sampler: 'tpe', epochs: 9, trialsAsked: 30, trials: [] };
    expect(studies).toMatchObject([{ ...asked, state: RUN_STATE_RUNNING }]);
    const watching = Array.fromAsync(client.watchStudy({ studyId }) as AsyncIterable<training.WatchStudyResponse>);
    const cancel = (): Promise<training.CancelStudyResponse> =>
      answer((done) => client.cancelStudy({ studyId, reason: 'the user left' }, done));
    expect([await cancel(), await cancel()]).toEqual([{ cancelled: true }, { cancelled: false }]);
    expect((await watching).at(-1)?.study).toMatchObject({ state: RUN_STATE_CANCELLED, error: 'the user left' });
    const { html } = await answer<training.GetStudyPageResponse>((done) => client.getStudyPage({ studyId }, done));
    expect(html).toContain(`study ${studyId}`);
    expect(await codeOf(Array.fromAsync(client.watchStudy({ studyId: 'none' })))).toBe(status.NOT_FOUND);
  });

  it('answers a watch that names nothing, or a run that is not there, with its code', async () => {
    const { client } = await serve();
    expect(await codeOf(states(client, {}))).toBe(status.INVALID_ARGUMENT);
    expect(await codeOf(states(client, { runId: 'a\0' }))).toBe(status.INVALID_ARGUMENT);
    expect(await codeOf(states(client, { runId: 'none' }))).toBe(status.NOT_FOUND);
  });

  it('tells of the run on a span to its end, though another begins that trains on that span too', async () => {
    for (const span of [4, 5]) await metadata.putSpan({ ...spanOf(span), kind: 'live' });
    const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
    const { client } = await serve(async (options) => {
      options.onStep('train', 1, 2);
      await released;
      return servable(options);
    });
    const start = (span: number): Promise<training.StartRunResponse> =>
      answer((done) => client.startRun({ task: 'ads', spans: [span] }, done));
    const { runId } = await start(4);
    const watched = client.watchRun({ runId: '', task: 'ads', span: 4 });
    const watching = Array.fromAsync(watched as AsyncIterable<training.WatchRunResponse>);
    const newest = client.watchRun({ runId: '', task: 'ads', span: 0 });
    const watchingNewest = Array.fromAsync(newest as AsyncIterable<training.WatchRunResponse>);
    await Promise.all([once(watched, 'data'), once(newest, 'data')]);
    const { runId: later } = await start(5);
    // Longer than a watch waits between two looks.
    await sleep(400);
    release(undefined);
    for (const seen of [await watching, await watchingNewest]) {
      expect([...new Set(seen.map(({ run }) => run?.runId))]).toEqual([runId]);
      expect(seen.at(-1)?.run).toMatchObject({ state: RUN_STATE_SUCCEEDED, spans: [2, 4] });
    }
    // Asked again, when both have ended: still the one on that span.
    expect((await states(client, { runId: later })).at(-1)?.spans).toEqual([2, 4, 5]);
    expect((await states(client, { task: 'ads', span: 4 })).map((run) => run.runId)).toEqual([runId]);
  });
});

function study(request: Partial<training.StartStudyRequest>): training.StartStudyRequest {
  return { task: 'ads', span: 0, trials: 0, epochs: 0, sampler: '', seed: 0, ...request };
}

function answer<R>(call: (done: (error: ServiceError | null, response: R) => void) => unknown): Promise<R> {
  return new Promise((resolve, reject) => {
    call((error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
  });
}

function codeOf(call: Promise<unknown>): Promise<status | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => (error as ServiceError).code,
  );
}
