import { topics } from '@adstocrat/schemas';
import type { CandidateInServing } from '@adstocrat/rollouts';
import { createLogger } from '@adstocrat/service-kit/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LookAtModel } from '../look-at-model.ts';
import { openRegistry } from '../testing/registry.ts';
import type { Registry } from '../testing/registry.ts';
import { Deployments } from './deployments.ts';
import { RollOut } from './roll-out.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
let registry: Registry;
beforeAll(async () => {
  registry = await openRegistry();
});
afterAll(() => registry.close());

/** An evaluation service's rollout on one model of the registry; `restart` is what a SIGKILL and a new process come to. */
async function rolloutOf(model: string) {
  const { metadata, bus } = registry;
  await registry.putTask(model, { rollout: { shadow: '0s', canary: ['10%', '50%'], step: '10m' } });
  const world = {
    nowMs: 1_000_000,
    serving: { state: 'available', passedOver: [] } as CandidateInServing,
    busIsAway: false,
  };
  const flakyBus: typeof bus = {
    publish: (topic, events) =>
      world.busIsAway ? Promise.reject(new Error('the bus is away')) : bus.publish(topic, events),
    subscribe: (topic, options, handler) => bus.subscribe(topic, options, handler),
    partitions: (topic) => bus.partitions(topic),
    lag: (topic, group) => bus.lag(topic, group),
    scan: (topic) => bus.scan(topic),
    ping: () => bus.ping(),
    close: () => Promise.resolve(),
  };
  const start = () => {
    const deployments = new Deployments(metadata, flakyBus, () => world.nowMs);
    const rollOut = new RollOut({
      deployments,
      askServing: () => Promise.resolve(world.serving),
      nowMs: () => world.nowMs,
      clockSpeed: 600,
    });
    const evaluate = () => Promise.reject(new Error('there is nothing to evaluate here'));
    const looker = new LookAtModel({
      metadata,
      deployments,
      rollOut,
      evaluate,
      onProgress: (of, version, progress) => logger.info({ of, version, progress }, 'rollout'),
    });
    return { deployments, look: () => looker.look(model, new AbortController().signal) };
  };
  let running = start();
  return {
    world,
    deployments: () => running.deployments,
    restart: () => (running = start()),
    look: () => running.look(),
    state: async () => {
      const deployment = await metadata.currentDeployment(model);
      const versions = await metadata.listVersions(model);
      return {
        labels: deployment?.labels,
        loaded: deployment?.versions.map((version) => version.version),
        split: Object.fromEntries(deployment?.split.map((share) => [share.version, share.basisPoints]) ?? []),
        states: Object.fromEntries(versions.map((version) => [version.version, version.state])),
      };
    },
  };
}

describe('a rollout', () => {
  it('gives a first version everything at once and any other its shares, each held for its time', async () => {
    const rollout = await rolloutOf('steps');
    await registry.putVersion('steps', 1, { state: 'blessed', blessed: true });
    await rollout.look();
    expect(await rollout.state()).toEqual({
      labels: { stable: 1 },
      loaded: [1],
      split: { 1: 10_000 },
      states: { 1: 'deployed' },
    });
    expect(await rollout.look()).toBe('idle');

    await registry.putVersion('steps', 2, { state: 'blessed', blessed: true });
    await rollout.look();
    expect(await rollout.state()).toEqual({
      labels: { stable: 1, canary: 2 },
      loaded: [1, 2],
      split: { 1: 10_000 },
      states: { 1: 'deployed', 2: 'shadow' },
    });
    await rollout.look();
    expect((await rollout.state()).split).toEqual({ 1: 9_000, 2: 1_000 });
    // Ten minutes of event time are one second here: 999 ms later it is still held.
    rollout.world.nowMs += 999;
    expect(await rollout.look()).toEqual({ againInMs: 1 });
    rollout.world.nowMs += 1;
    await rollout.look();
    expect(await rollout.state()).toMatchObject({
      split: { 1: 5_000, 2: 5_000 },
      states: { 1: 'deployed', 2: 'canary' },
    });
    rollout.world.nowMs += 1_000;
    await rollout.look();
    expect(await rollout.state()).toEqual({
      labels: { stable: 2 },
      loaded: [2],
      split: { 2: 10_000 },
      states: { 1: 'superseded', 2: 'deployed' },
    });
    expect(await rollout.look()).toBe('idle');
    expect(await registry.publishedRevisions('steps', 5)).toEqual([1, 2, 3, 4, 5]);
  });

  it('ends the same where a new process takes over before every step', async () => {
    const rollout = await rolloutOf('killed');
    await registry.putVersion('killed', 1, { state: 'blessed', blessed: true });
    await rollout.look();
    await registry.putVersion('killed', 2, { state: 'blessed', blessed: true });
    const shares: (number | undefined)[] = [];
    for (let step = 0; step < 4; step++) {
      rollout.restart();
      await rollout.look();
      shares.push((await rollout.state()).split[2]);
      rollout.world.nowMs += 1_000;
    }
    expect(shares).toEqual([undefined, 1_000, 5_000, 10_000]);
    expect((await rollout.state()).states).toEqual({ 1: 'superseded', 2: 'deployed' });
  });

  it('says the deployment in force at the next start where it was killed between record and event', async () => {
    const rollout = await rolloutOf('unsaid');
    await registry.putVersion('unsaid', 1, { state: 'blessed', blessed: true });
    rollout.world.busIsAway = true;
    await expect(rollout.look()).rejects.toThrow('the bus is away');
    expect((await rollout.state()).labels).toEqual({ stable: 1 });
    rollout.world.busIsAway = false;
    rollout.restart();
    expect(await rollout.look()).toBe('idle');
    expect(await rollout.state()).toMatchObject({ labels: { stable: 1 }, states: { 1: 'deployed' } });
    expect(await registry.publishedRevisions('unsaid', 1)).toEqual([1]);
  });

  it.each<CandidateInServing>([
    { state: 'unreachable', reason: 'refused' },
    { state: 'loading', reason: 'a' },
  ])('does not go on while serving is $state', async (serving) => {
    const model = `waits-${serving.state}`;
    const rollout = await rolloutOf(model);
    await registry.putVersion(model, 1, { state: 'blessed', blessed: true });
    await rollout.look();
    await registry.putVersion(model, 2, { state: 'blessed', blessed: true });
    await rollout.look();
    rollout.world.serving = serving;
    rollout.world.nowMs += 3_600_000;
    expect(await rollout.look()).toEqual({ againInMs: 500 });
    expect(await rollout.state()).toMatchObject({ split: { 1: 10_000 }, states: { 2: 'shadow' } });
    rollout.world.serving = { state: 'available', passedOver: [] };
    await rollout.look();
    expect((await rollout.state()).split).toEqual({ 1: 9_000, 2: 1_000 });
  });

  it('goes back where serving cannot load the version, and keeps the reason', async () => {
    const rollout = await rolloutOf('broken');
    await registry.putVersion('broken', 1, { state: 'blessed', blessed: true });
    await rollout.look();
    await registry.putVersion('broken', 2, { state: 'blessed', blessed: true });
    await rollout.look();
    rollout.world.serving = { state: 'failed', reason: 'model.onnx: sha256 differs' };
    await rollout.look();
    expect(await rollout.state()).toEqual({
      labels: { stable: 1 },
      loaded: [1],
      split: { 1: 10_000 },
      states: { 1: 'deployed', 2: 'rolled_back' },
    });
    expect((await registry.metadata.getVersion('broken', 2))?.reasons).toEqual([
      'serving could not load version 2: model.onnx: sha256 differs',
    ]);
    expect(await rollout.look()).toBe('idle');
  });

  it('has a newer candidate wait until it has ended', async () => {
    const rollout = await rolloutOf('queue');
    await registry.putVersion('queue', 1, { state: 'blessed', blessed: true });
    await rollout.look();
    await registry.putVersion('queue', 2, { state: 'blessed', blessed: true });
    await rollout.look();
    await registry.putVersion('queue', 3, { state: 'evaluating', blessed: false });
    for (let step = 0; step < 3; step++) {
      await rollout.look();
      rollout.world.nowMs += 1_000;
    }
    expect((await rollout.state()).states).toEqual({ 1: 'superseded', 2: 'deployed', 3: 'evaluating' });
    await expect(rollout.look()).rejects.toThrow('there is nothing to evaluate here');
  });
});

describe('rolling back', () => {
  it('points stable at the version before, at once, and gives up the rollout in progress', async () => {
    const rollout = await rolloutOf('back');
    for (const version of [1, 2]) {
      await registry.putVersion('back', version, { state: 'blessed', blessed: true });
      while ((await rollout.look()) !== 'idle') rollout.world.nowMs += 1_000;
    }
    await registry.putVersion('back', 3, { state: 'blessed', blessed: true });
    await rollout.look();
    expect(await rollout.deployments().rollBack('back', 0, 'clicks fell')).toBe(1);
    expect(await rollout.look()).toBe('idle');
    expect(await rollout.state()).toEqual({
      labels: { stable: 1 },
      loaded: [1],
      split: { 1: 10_000 },
      states: { 1: 'deployed', 2: 'rolled_back', 3: 'rolled_back' },
    });
    await expect(rollout.deployments().rollBack('back', 0, '')).rejects.toThrow(
      new RangeError('model "back" has no stable version before 1'),
    );
  });
});

describe('an unblessed version', () => {
  it('is never deployed, by no way', async () => {
    const rollout = await rolloutOf('refused');
    await registry.putVersion('refused', 1, { state: 'blessed', blessed: true });
    await rollout.look();
    await registry.putVersion('refused', 2, {
      state: 'not_blessed',
      blessed: false,
      reasons: ['AUC 0.4 is below 0.5'],
    });
    expect(await rollout.look()).toBe('idle');
    const wanted = { versions: [2], labels: { stable: 2 }, split: [{ version: 2, basisPoints: 10_000 }] };
    await expect(rollout.deployments().change('refused', 1, wanted, 'by mistake')).rejects.toThrow(
      'version 2 of "refused" is not blessed and cannot be deployed',
    );
    await expect(rollout.deployments().rollBack('refused', 2, 'by hand')).rejects.toThrow(
      'version 2 of "refused" was not blessed: nothing was changed',
    );
    expect(await rollout.state()).toMatchObject({ labels: { stable: 1 }, states: { 2: 'not_blessed' } });
    expect((await registry.metadata.deploymentHistory('refused')).length).toBe(1);
  });
});

it('publishes what deployment.changed promises: the whole wanted state', async () => {
  const rollout = await rolloutOf('whole');
  await registry.putVersion('whole', 1, { state: 'blessed', blessed: true });
  await rollout.look();
  const [event] = await registry.published(topics.deploymentChanged, 'whole', 1);
  expect(event).toEqual({
    model: 'whole',
    revision: 1,
    versions: [{ version: 1, uri: 'file:///artifacts/models/whole/1', digest: 'digest-1' }],
    labels: { stable: 1 },
    split: [{ version: 1, basisPoints: 10_000 }],
    reason: 'version 1 is the first',
    changedAtMs: 1_000_000,
  });
});
