import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ClientReadableStream, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { isConnectionError } from '@adstocrat/event-bus';
import { evaluation } from '@adstocrat/schemas';
import { recogniseAbsence } from '@adstocrat/service-kit';
import { GrpcServer } from '@adstocrat/service-kit/grpc';
import { createLogger } from '@adstocrat/service-kit/telemetry';
import { PostgresMetadata } from '@adstocrat/metadata-postgres';
import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest';
import { cleanVersions } from '../clean/clean-versions.ts';
import { Deployments } from '../rollout/deployments.ts';
import { evaluateKind } from '../work-kinds.ts';
import { openRegistry, type Registry } from '../testing/registry.ts';
import { evaluationRoutes } from './evaluation-routes.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'adstocrat-evaluation-routes-'));
let registry: Registry;
beforeAll(async () => {
  recogniseAbsence(isConnectionError);
  registry = await openRegistry();
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The service's routes on a real server, and a client. */
async function routes(metadata = registry.metadata) {
  const stopping = new AbortController();
  const { jobs } = registry;
  const nowMs = (): number => 1_000;
  const deployments = new Deployments({ jobs, metadata: registry.metadata, nowMs });
  const artifactsUrl = pathToFileURL(folder).href;
  const store = new LocalArtifactStore();
  const clean = cleanVersions.bind(undefined, { metadata, jobs, nowMs, store, artifactsUrl, logger, clockSpeed: 1 });
  const server = new GrpcServer({ host: '127.0.0.1', port: 0, logger });
  server.addService(
    evaluation.EvaluationServiceService,
    evaluationRoutes({ metadata, jobs, nowMs, deployments, clean, logger, stopping: stopping.signal }),
  );
  await server.start();
  const client = new evaluation.EvaluationServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  closing.push(() => server.stop());
  closing.push(() => Promise.resolve(client.close()));
  return { client, stopping };
}

/** The states that a watch says, and the code that it ends with. */
function watched(stream: ClientReadableStream<evaluation.WatchVersionResponse>) {
  const states: string[] = [];
  const first = Promise.withResolvers<void>();
  stream.on('data', (message: evaluation.WatchVersionResponse) => {
    states.push(message.state);
    first.resolve();
  });
  const ended = new Promise<status>((resolve) => {
    stream.on('error', (error: ServiceError) => resolve(error.code));
    stream.on('end', () => resolve(status.OK));
  });
  return { states, ended, first: first.promise };
}

const code = (call: (answer: (error: ServiceError | null) => void) => unknown): Promise<status | undefined> =>
  new Promise((resolve) => call((error) => resolve(error?.code)));

describe('EvaluationService', () => {
  it('judges a version anew once its task has other limits than those it was refused by', async () => {
    const { client } = await routes();
    const judgedBy = { aucMargin: 0.01, minAuc: 0.9, calibrationError: 0.2, minPositives: 100, loneAuc: 1 };
    await registry.putTask('again', { thresholds: { minAuc: 0.9 } });
    const refused = {
      state: 'not_blessed',
      reasons: ['AUC 0.8 is below 0.9'],
      evaluation: { thresholds: judgedBy },
    } as const;
    await registry.putVersion('again', 1, refused);
    const ask = (version = 1): Promise<boolean | status> =>
      new Promise((resolve) => {
        client.judgeAgain({ model: 'again', version }, (error, answer) => resolve(error?.code ?? answer.again));
      });
    expect(await ask()).toBe(false);
    await registry.putTask('again', { thresholds: { minAuc: 0.7 } });
    expect(await ask()).toBe(true);
    expect(await registry.states('again')).toEqual({ 1: 'evaluating' });
    const jobs = (await registry.jobs.live(evaluateKind)).filter(({ key }) => key.startsWith('again/1'));
    expect(jobs.map(({ payload }) => payload)).toEqual([{ model: 'again', version: 1 }]);
    // It is being judged: there is nothing to do anew.
    expect(await ask()).toBe(false);
    expect(await ask(2)).toBe(false);
  });

  it('streams a version’s states until it is settled', async () => {
    const { client } = await routes();
    await registry.putVersion('watched', 1, { state: 'evaluating' });
    const watch = watched(client.watchVersion({ model: 'watched', version: 1 }));
    await watch.first;
    await registry.putVersion('watched', 1, { state: 'not_blessed', reasons: ['too bad'] });
    expect(await watch.ended).toBe(status.OK);
    expect(watch.states).toEqual(['evaluating', 'not_blessed']);
  });

  it('tells who watches to come again where it stops, and ends the watch of who goes away', async () => {
    const { client, stopping } = await routes();
    await registry.putVersion('stops', 1, { state: 'evaluating' });
    const watches = [1, 2].map(() => watched(client.watchVersion({ model: 'stops', version: 1 })));
    const gone = client.watchVersion({ model: 'stops', version: 1 });
    const left = watched(gone);
    await Promise.all([...watches, left].map(({ first }) => first));
    gone.cancel();
    expect(await left.ended).toBe(status.CANCELLED);
    stopping.abort();
    expect(await Promise.all(watches.map(({ ended }) => ended))).toEqual([status.UNAVAILABLE, status.UNAVAILABLE]);
  });

  it('refuses what names no model or no possible version', async () => {
    const { client } = await routes();
    expect(await code((answer) => client.listEvaluations({ model: '' }, answer))).toBe(status.INVALID_ARGUMENT);
    expect(await code((answer) => client.getDeployment({ model: '' }, answer))).toBe(status.INVALID_ARGUMENT);
    expect(await code((answer) => client.getDeployment({ model: 'none' }, answer))).toBe(status.NOT_FOUND);
    const back = { model: 'none', version: -1, reason: '' };
    expect(await code((answer) => client.rollBack(back, answer))).toBe(status.INVALID_ARGUMENT);
    expect(await code((answer) => client.rollBack({ ...back, version: 0 }, answer))).toBe(status.FAILED_PRECONDITION);
    expect(await watched(client.watchVersion({ model: 'm', version: 0 })).ended).toBe(status.INVALID_ARGUMENT);
    const keep = { dryRun: true, keepVersions: 0, keepDays: -1, predictionsKeptMs: 0 };
    expect(await code((answer) => client.cleanVersions(keep, answer))).toBe(status.INVALID_ARGUMENT);
    const none = await new Promise((resolve) =>
      client.cleanVersions({ ...keep, keepDays: 0 }, (_, one) => resolve(one)),
    );
    expect(none).toEqual({ going: [], staying: [] });
  });

  it('is unavailable, not broken, while the registry is away', async () => {
    const { client } = await routes(PostgresMetadata.open('postgres://nobody@127.0.0.1:1/none'));
    expect(await code((answer) => client.getDeployment({ model: 'm' }, answer))).toBe(status.UNAVAILABLE);
    expect(await watched(client.watchVersion({ model: 'm', version: 1 })).ended).toBe(status.UNAVAILABLE);
  });
});
