import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DamagedArtifact } from '@adstocrat/artifact-folders';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { PermanentFailure, TransientFailure } from '@adstocrat/event-bus';
import type { VersionRecord } from '@adstocrat/metadata';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acceptCandidate } from './candidates/accept-candidate.ts';
import { Deployments } from './rollout/deployments.ts';
import { evaluatorThatSays, type JudgedAs } from './testing/evaluator.ts';
import { startEvaluation } from './testing/evaluation-process.ts';
import { openRegistry, type Registry, trained } from './testing/registry.ts';

let registry: Registry;
const folder = mkdtempSync(join(tmpdir(), 'adstocrat-evaluation-'));
const artifactsUrl = pathToFileURL(join(folder, 'artifacts')).href;
const store = new LocalArtifactStore();
beforeAll(async () => {
  mkdirSync(fileURLToPath(artifactsUrl));
  registry = await openRegistry();
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

const blessed: JudgedAs = { blessed: true, reasons: [] };
const tooBad: JudgedAs = { blessed: false, reasons: ['too bad'] };
type Verdict = (version: VersionRecord, baseline: VersionRecord | undefined, signal: AbortSignal) => Promise<JudgedAs>;

/** Two evaluation processes on one database, with a verdict each. */
async function twoProcesses(verdict: Verdict, other: Verdict = verdict): Promise<() => Promise<void>> {
  const { metadata } = registry;
  const processes = [registry.anotherJobs(), registry.anotherJobs()] as const;
  for (const [index, jobs] of processes.entries())
    await startEvaluation({
      jobs,
      metadata,
      store,
      artifactsUrl,
      evaluator: evaluatorThatSays(store, artifactsUrl, index === 0 ? verdict : other),
    });
  return async () => {
    await Promise.all(processes.map((jobs) => jobs.close()));
  };
}

const accept = (model: string, version: number): Promise<void> =>
  acceptCandidate(
    { jobs: registry.jobs, metadata: registry.metadata, nowMs: () => 1_000 },
    { event: trained(model, version) },
  );

describe('two evaluation processes', () => {
  it('bring every candidate of every model to its end, one after the other, each compared with the one in service', async () => {
    const models = ['red', 'green', 'blue'];
    const evaluations: string[] = [];
    const stop = await twoProcesses((version, baseline) => {
      evaluations.push(`${version.model} ${version.version} beside ${baseline?.version ?? 'none'}`);
      return Promise.resolve(version.version === 2 ? tooBad : blessed);
    });
    for (const model of models)
      await registry.putTask(model, { rollout: { shadow: '0s', canary: ['10%'], step: '10s' } });
    for (const version of [1, 2, 3])
      // Every event twice, at the same time.
      await Promise.all(models.flatMap((model) => [accept(model, version), accept(model, version)]));
    for (const model of models)
      await registry.waitForStates(model, { 1: 'superseded', 2: 'not_blessed', 3: 'deployed' });
    await stop();
    expect(evaluations.toSorted()).toEqual(
      models.flatMap((model) => [`${model} 1 beside none`, `${model} 2 beside 1`, `${model} 3 beside 1`]).toSorted(),
    );
    // First, shadow, canary, promotion: each said once, in order.
    for (const model of models) expect(await registry.publishedRevisions(model, 4)).toEqual([1, 2, 3, 4]);
  });

  it('do not have a model wait for one whose evaluation fails, and say why it is not blessed', async () => {
    const stop = await twoProcesses((version) =>
      version.model === 'odd' ? Promise.reject(new Error('the model has seven legs')) : Promise.resolve(blessed),
    );
    for (const model of ['odd', 'even']) await registry.putTask(model, {});
    await accept('odd', 1);
    await accept('even', 1);
    await registry.waitForStates('even', { 1: 'deployed' });
    await registry.waitForStates('odd', { 1: 'not_blessed' });
    await stop();
    const record = await registry.metadata.getVersion('odd', 1);
    expect(record?.reasons).toEqual(['it could not be evaluated: the model has seven legs']);
  });

  it('evaluate again where another version came into service meanwhile', async () => {
    const begun = Promise.withResolvers<void>();
    const rolledBack = Promise.withResolvers<void>();
    const beside: (number | undefined)[] = [];
    const stop = await twoProcesses(async (version, baseline) => {
      if (version.version === 3) {
        beside.push(baseline?.version);
        begun.resolve();
        await rolledBack.promise;
        return tooBad;
      }
      return blessed;
    });
    await registry.putTask('moving', { rollout: { shadow: '0s', canary: [], step: '1s' } });
    for (const version of [1, 2, 3]) await accept('moving', version);
    await begun.promise;
    await new Deployments({ jobs: registry.jobs, metadata: registry.metadata, nowMs: () => 1_000 }).rollBack(
      'moving',
      0,
      'clicks fell',
    );
    rolledBack.resolve();
    await registry.waitForStates('moving', { 1: 'deployed', 2: 'rolled_back', 3: 'not_blessed' });
    await stop();
    expect(beside).toEqual([2, 1]);
  });
});

describe('an evaluation', () => {
  it('that finds an artifact damaged refuses the version at once; while the store is away it is tried until it is back', async () => {
    let tries = 0;
    const stop = await twoProcesses((version) => {
      tries += 1;
      return Promise.reject(new DamagedArtifact(`${version.uri}/servable.json is missing`));
    });
    for (const model of ['damaged', 'unreadable']) await registry.putTask(model, {});
    await accept('damaged', 1);
    await registry.waitForStates('damaged', { 1: 'not_blessed' });
    expect(tries).toBe(1);
    expect((await registry.metadata.getVersion('damaged', 1))?.reasons).toEqual([
      'it could not be evaluated: file:///models/damaged/1/servable.json is missing',
    ]);

    const artifacts = fileURLToPath(artifactsUrl);
    renameSync(artifacts, `${artifacts}-away`);
    await accept('unreadable', 1);
    for (const end = Date.now() + 240_000; tries < 6; await sleep(10)) expect(Date.now()).toBeLessThan(end);
    expect(await registry.states('unreadable')).toEqual({ 1: 'evaluating' });
    renameSync(`${artifacts}-away`, artifacts);
    await registry.waitForStates('unreadable', { 1: 'not_blessed' });
    await stop();
  });

  it('is asked for by an event that names a version, and by no other', async () => {
    const event = trained('nobody', 1);
    const options = { jobs: registry.jobs, metadata: registry.metadata, nowMs: () => 1_000 };
    for (const change of [{ model: '' }, { version: 0 }, { uri: '' }, { spans: [] }, { runId: '' }])
      await expect(acceptCandidate(options, { event: { ...event, ...change } })).rejects.toThrow(PermanentFailure);
    expect(await registry.states('nobody')).toEqual({});
  });

  it('is written to the folder of its attempt, which its record names; what a failed attempt wrote is removed', async () => {
    const evaluator = evaluatorThatSays(store, artifactsUrl, () => Promise.resolve(tooBad));
    const first = Promise.withResolvers<string>();
    const jobs = registry.anotherJobs();
    const process = { jobs, metadata: registry.metadata, store, artifactsUrl };
    await startEvaluation({
      ...process,
      evaluator: {
        run: async (...version) => {
          const evaluated = await evaluator.run(...version);
          first.resolve(evaluated.uri);
          throw new TransientFailure('the power goes');
        },
      },
    });
    await registry.putTask('written', {});
    await accept('written', 1);
    const left = await first.promise;
    await jobs.close();
    const stop = await twoProcesses(() => Promise.resolve(tooBad));
    await registry.waitForStates('written', { 1: 'not_blessed' });
    const uri = (await registry.metadata.getVersion('written', 1))?.evaluationUri;
    expect(uri).not.toBe(left);
    const written = [uri, uri?.replace('evaluation.json', 'report.html')].toSorted();
    for (const end = Date.now() + 240_000; ; await sleep(20)) {
      const files: string[] = [];
      for await (const file of store.list(`${artifactsUrl}/evaluations/written/1/`)) files.push(file.uri);
      if (JSON.stringify(files.toSorted()) === JSON.stringify(written)) break;
      if (Date.now() > end) expect(files.toSorted()).toEqual(written);
    }
    await stop();
  });
});
