import type { CandidateInServing } from '@adstocrat/rollouts';
import { topics } from '@adstocrat/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRegistry } from '../testing/registry.ts';
import type { Registry } from '../testing/registry.ts';
import { Deployments } from './deployments.ts';
import { RollOut } from './roll-out.ts';
import { rolloutPolicyOf } from './rollout-policy-of.ts';

let registry: Registry;
beforeAll(async () => {
  registry = await openRegistry();
});
afterAll(() => registry.close());

/** The rollouts of one model, a step a look. Nothing is kept between two looks: each is what another process would do. */
async function rolloutOf(model: string) {
  const { metadata, jobs } = registry;
  const rollout = { shadow: '0s', canary: ['10%', '50%'], step: '10m' };
  await registry.putTask(model, { rollout });
  const world = { nowMs: 1_000_000, serving: { state: 'available', passedOver: [] } as CandidateInServing };
  const start = () => {
    const deployments = new Deployments({ jobs, metadata: registry.metadata, nowMs: () => world.nowMs });
    const rollOut = new RollOut({
      metadata,
      deployments,
      askServing: () => Promise.resolve(world.serving),
      nowMs: () => world.nowMs,
      clockSpeed: 600,
    });
    return { deployments, rollOut };
  };
  return {
    world,
    deployments: () => start().deployments,
    /** A step of the version that is underway: `idle` where there is none, else wall milliseconds to the next look. */
    look: async (): Promise<number | 'idle'> => {
      const versions = await metadata.listVersions(model);
      const candidate =
        versions.find(({ state }) => state === 'shadow' || state === 'canary') ??
        versions.find(({ state }) => state === 'blessed');
      if (candidate === undefined) return 'idle';
      const progress = await start().rollOut.step(model, candidate.version, rolloutPolicyOf(rollout));
      return progress.kind === 'waiting' ? progress.forMs : 0;
    },
    state: async () => {
      const deployment = await metadata.currentDeployment(model);
      return {
        labels: deployment?.labels,
        loaded: deployment?.versions.map((version) => version.version),
        split: Object.fromEntries(deployment?.split.map((share) => [share.version, share.basisPoints]) ?? []),
        states: await registry.states(model),
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
    expect(await rollout.look()).toBe(1);
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
    expect(await rollout.look()).toBe(500);
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
    const wanted = { versions: [2], labels: { stable: 2 }, split: [{ version: 2, basisPoints: 10_000 }] };
    await expect(rollout.deployments().change('refused', 1, wanted, 'by mistake')).rejects.toThrow(
      'version 2 of "refused" is not blessed and cannot be deployed',
    );
    await expect(rollout.deployments().rollBack('refused', 2, 'by hand')).rejects.toThrow(
      'version 2 of "refused" was not blessed: nothing was changed',
    );
    expect(await rollout.state()).toMatchObject({ labels: { stable: 1 }, states: { 2: 'not_blessed' } });
    expect((await registry.metadata.currentDeployment('refused'))?.revision).toBe(1);
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
