import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import type { Job, Transaction } from '@adstocrat/jobs';
import type { Metadata } from '@adstocrat/metadata';
import { onlyStable, type RolloutDeployment, stateUnder, type VersionState } from '@adstocrat/rollouts';
import { createLogger } from '@adstocrat/service-kit/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JudgeVersion } from '../evaluation/judge-version.ts';
import { reportSaying } from '../testing/evaluator.ts';
import { openRegistry, type Registry } from '../testing/registry.ts';
import type { VersionKey } from '../work-kinds.ts';
import { deploymentOf } from './deployment-of.ts';
import { Deployments, UnblessedVersion } from './deployments.ts';
import { RollOut } from './roll-out.ts';

let registry: Registry;
beforeAll(async () => {
  registry = await openRegistry({ relay: false });
});
afterAll(() => registry.close());

/** Two rollout processes that look (r) and then commit (c), two evaluators, one a refusal, and a person who rolls back to version 1. */
type Step = 'r1' | 'c1' | 'r2' | 'c2' | 'blesses' | 'refuses' | 'rolls back';
/** Where version 2 is on its way. */
type Place = 'evaluating' | 'not_blessed' | 'blessed' | 'shadow' | '10 %' | '50 %' | 'deployed' | 'rolled_back';
const way: readonly Place[] = ['blessed', 'shadow', '10 %', '50 %', 'deployed'];

describe.each<{ readonly start: Place; readonly steps: readonly Step[] }>([
  { start: 'evaluating', steps: ['r1', 'c1', 'blesses', 'refuses', 'rolls back'] },
  { start: 'blessed', steps: ['r1', 'c1', 'r2', 'c2', 'refuses', 'rolls back'] },
  { start: '50 %', steps: ['r1', 'c1', 'r2', 'c2', 'refuses', 'rolls back'] },
])('every order of $steps, with version 2 at $start', ({ start, steps }) => {
  it('ends as if they had come one after the other, with states and deployment that agree', async () => {
    const waiting = orders(steps).map((order, index) => ({ order, model: `${start} ${index}` }));
    expect(waiting.length).toBe(steps.length === 5 ? 60 : 90);
    const worker = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { place, said } = reference(start, next.order);
        const found = await play(next.model, start, next.order);
        expect(found, next.order.join(', ')).toEqual({ state: stateOf(place), said, agree: true });
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
  });
});

/** Every order in which a process looks before it commits, and process 1 looks first: the two are alike. */
function orders(steps: readonly Step[]): readonly (readonly Step[])[] {
  if (steps.length === 0) return [[]];
  return steps
    .filter((step) => !(step.startsWith('c') && steps.includes(step.replace('c', 'r') as Step)))
    .filter((step) => !(step === 'r2' && steps.includes('r1')))
    .flatMap((step) => orders(steps.filter((one) => one !== step)).map((rest) => [step, ...rest]));
}

/** What must come of an order, by a list of places and a number of the deployment: it shares no code with the rollout. */
function reference(start: Place, order: readonly Step[]): { readonly place: Place; readonly said: readonly string[] } {
  let place = start;
  let revision = 0;
  const seen = new Map<string, { readonly place: Place; readonly revision: number }>();
  const said: string[] = [];
  for (const step of order) {
    if (step.startsWith('r') && step.length === 2) seen.set(step.slice(1), { place, revision });
    else if (step === 'blesses' || step === 'refuses') {
      if (place === 'evaluating') place = step === 'blesses' ? 'blessed' : 'not_blessed';
    } else if (step === 'rolls back') {
      revision += 1;
      if (way.indexOf(place) > 0) place = 'rolled_back';
    } else {
      const then = seen.get(step.slice(1));
      if (then === undefined) throw new Error('a process commits before it looked');
      if (['deployed', 'rolled_back', 'not_blessed'].includes(then.place)) said.push('done');
      else if (then.revision !== revision) said.push('overtaken');
      else if (!way.includes(place)) said.push('refused');
      else {
        said.push('moved');
        revision += 1;
        place = way[way.indexOf(place) + 1] ?? place;
      }
    }
  }
  return { place, said };
}

function stateOf(place: Place): VersionState {
  return place === '10 %' || place === '50 %' ? 'canary' : place;
}

/** Plays an order on the database. */
async function play(model: string, start: Place, order: readonly Step[]) {
  const deployments = new Deployments({ jobs: registry.jobs, metadata: registry.metadata, nowMs: () => 1_000 });
  await prepare(model, start, deployments);
  const processes = new Map<string, { readonly commit: () => Promise<string> }>();
  const said: string[] = [];
  for (const step of order) {
    if (step === 'rolls back') await deployments.rollBack(model, 1, 'by hand');
    else if (step === 'blesses' || step === 'refuses') await judge(model, step === 'blesses');
    else if (step.startsWith('r')) processes.set(step.slice(1), await looking(model, deployments));
    else said.push((await processes.get(step.slice(1))?.commit()) ?? 'never looked');
  }
  const current = await registry.metadata.currentDeployment(model);
  if (current === undefined) throw new Error('the deployment is gone');
  const deployment = deploymentOf(current);
  const states = await registry.states(model);
  const agree =
    states[deployment.labels.stable] === 'deployed' &&
    [1, 2].every((version) => {
      const state = states[version] as VersionState;
      return stateUnder(deployment, version, state) === state;
    });
  return { state: states[2], said, agree };
}

/** Version 1 in service, version 2 where it starts. */
async function prepare(model: string, start: Place, deployments: Deployments): Promise<void> {
  await registry.putVersion(model, 1, { state: 'blessed', blessed: true });
  await registry.putVersion(model, 2, start === 'evaluating' ? {} : { state: 'blessed', blessed: true });
  await deployments.change(model, 0, onlyStable(1), 'the first');
  if (start !== '50 %') return;
  const half: RolloutDeployment = {
    versions: [1, 2],
    labels: { stable: 1, canary: 2 },
    split: [1, 2].map((version) => ({ version, basisPoints: 5_000 })),
  };
  await deployments.change(model, 1, half, 'half of it');
}

/** A rollout process that has read what is recorded, and does the rest when it is told to. */
async function looking(model: string, deployments: Deployments): Promise<{ readonly commit: () => Promise<string> }> {
  const { metadata } = registry;
  const looked = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  const rollOut = new RollOut({
    metadata: {
      currentDeployment: (name) => metadata.currentDeployment(name),
      getVersion: async (name, version) => {
        const record = await metadata.getVersion(name, version);
        looked.resolve();
        await going.promise;
        return record;
      },
    },
    deployments,
    askServing: () => Promise.resolve({ state: 'available', passedOver: [] }),
    nowMs: () => 2_000,
    clockSpeed: 1,
  });
  const policy = { shadowMs: 0, canaryBasisPoints: [1_000, 5_000], stepMs: 0 };
  const step = rollOut.step(model, 2, policy).then(
    ({ kind }) => kind,
    (error: unknown) => {
      if (error instanceof UnblessedVersion) return 'refused';
      throw error;
    },
  );
  await looked.promise;
  return {
    commit: () => {
      going.resolve();
      return step;
    },
  };
}

/** An evaluator that took the version when it was to be evaluated, lost its lease since, and does not know it. */
async function judge(model: string, blessed: boolean): Promise<void> {
  const { jobs, metadata } = registry;
  let looks = 0;
  const late = withGetVersion(metadata, async (name, version, transaction) => {
    const record = await metadata.getVersion(name, version, transaction);
    return record && version === 2 && looks++ === 0 ? { ...record, state: 'evaluating' } : record;
  });
  const judgement = new JudgeVersion({
    jobs,
    metadata: late,
    store: new LocalArtifactStore(),
    artifactsUrl: 'file:///nowhere',
    evaluator: {
      run: (version, baseline) =>
        Promise.resolve({
          report: reportSaying(version, baseline, { blessed, reasons: blessed ? [] : ['too bad'] }),
          uri: 'file:///nowhere/evaluation.json',
        }),
    },
    logger: createLogger({ service: 'test', level: 'silent' }),
    nowMs: () => 1_000,
  });
  await judgement.run({
    ...unfenced,
    key: `${model}/2`,
    payload: { model, version: 2 },
    finish: async (records = () => Promise.resolve()) => {
      await jobs.transaction((transaction: Transaction) => records(transaction));
    },
  });
}

const unfenced: Omit<Job<VersionKey>, 'key' | 'payload' | 'finish'> = {
  kind: 'evaluate',
  attempt: 1,
  tries: 1,
  signal: new AbortController().signal,
  report: () => undefined,
  advanced: () => Promise.resolve(),
  output: () => Promise.resolve(),
};

function withGetVersion(metadata: Metadata, getVersion: Metadata['getVersion']): Metadata {
  return new Proxy(metadata, {
    get: (target, name) => {
      if (name === 'getVersion') return getVersion;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
