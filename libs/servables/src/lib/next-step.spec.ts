import { describe, expect, it } from 'vitest';
import { loadRetryMs } from './load-retry.ts';
import {
  type LifecycleSnapshot,
  type LifecycleStep,
  routedVersions,
  type VersionState,
  versionStates,
} from './lifecycle.ts';
import { nextStep } from './next-step.ts';
import type { Routing } from './route-request.ts';
import { ends, moved, settled, snapshotOf, type Versions } from './version-worlds.ts';

const stable = (version: number): Routing => ({
  labels: { stable: version },
  split: [{ version, basisPoints: 10_000 }],
});
const at = (states: Readonly<Record<number, VersionState | 'failed'>>): LifecycleSnapshot['versions'] =>
  Object.entries(states).map(([version, state]) => ({
    version: Number(version),
    state: state === 'failed' ? 'end' : state,
    heldBack: state === 'failed',
  }));

describe('nextStep', () => {
  it.each<{ why: string; states: Parameters<typeof at>[0]; wanted: number[]; inForce?: number; step: LifecycleStep }>([
    { why: 'nothing here', states: {}, wanted: [1], step: { do: 'load', version: 1 } },
    { why: 'it loads', states: { 1: 'loading' }, wanted: [1], step: { do: 'wait', version: 1 } },
    { why: 'it is there', states: { 1: 'available' }, wanted: [1], step: { do: 'route', routing: stable(1) } },
    { why: 'it is in force', states: { 1: 'available' }, wanted: [1], inForce: 1, step: { do: 'done' } },
    {
      why: 'another is to come, which is loaded first',
      states: { 1: 'available' },
      wanted: [2],
      inForce: 1,
      step: { do: 'load', version: 2 },
    },
    {
      why: 'the other is there, and requests follow it before the first goes',
      states: { 1: 'available', 2: 'available' },
      wanted: [2],
      inForce: 1,
      step: { do: 'route', routing: stable(2) },
    },
    {
      why: 'the first is no longer wanted',
      states: { 1: 'available', 2: 'available' },
      wanted: [2],
      inForce: 2,
      step: { do: 'unload', version: 1 },
    },
    {
      why: 'the other did not load',
      states: { 1: 'available', 2: 'failed' },
      wanted: [2],
      inForce: 1,
      step: { do: 'stay', version: 2 },
    },
    {
      why: 'one of two did not load, and the other may be ready by then',
      states: { 1: 'failed' },
      wanted: [1, 2],
      step: { do: 'load', version: 2 },
    },
    {
      why: 'it is wanted again while it goes: it ends first',
      states: { 1: 'unloading', 2: 'available' },
      wanted: [1],
      inForce: 2,
      step: { do: 'wait', version: 1 },
    },
    {
      why: 'it is wanted again when it has gone',
      states: { 1: 'end', 2: 'available' },
      wanted: [1],
      inForce: 2,
      step: { do: 'load', version: 1 },
    },
  ])('is $step.do where $why', ({ states, wanted, inForce, step }) => {
    const routing = stable(wanted[0] ?? 0);
    const now = inForce === undefined ? undefined : stable(inForce);
    expect(nextStep({ versions: at(states), wanted: { versions: wanted, routing }, inForce: now })).toEqual(step);
  });

  it.each([
    { routing: { ...stable(1), labels: { stable: 1, canary: 9 } }, reason: /the label "canary" points to version 9/ },
    {
      routing: { labels: {}, split: [{ version: 7, basisPoints: 1 }] },
      reason: /a share of the traffic goes to version 7/,
    },
  ])('refuses a routing to a version that is not deployed', ({ routing, reason }) => {
    const step = nextStep({ versions: at({ 1: 'available' }), wanted: { versions: [1], routing }, inForce: undefined });
    expect(step).toEqual({ do: 'refuse', reason: expect.stringMatching(reason) });
  });
});

/** Versions 1 to 3, each never here, in a state, or held back; one of 12 things wanted; one of them or none in force. */
interface World extends Versions {
  readonly wanted: number;
  readonly inForce: number | undefined;
}

/** Each set of versions with each of its members as the stable one. */
const wishes = [1, 2, 3, 4, 5, 6, 7].flatMap((bits) => {
  const versions = [1, 2, 3].filter((version) => bits & (1 << (version - 1)));
  return versions.map((version) => ({ versions, routing: stable(version) }));
});

const snapshot = ({ states, wanted, inForce }: World): LifecycleSnapshot => ({
  versions: snapshotOf({ states }),
  wanted: wishes[wanted]!,
  inForce: inForce === undefined ? undefined : wishes[inForce]!.routing,
});
/** What a server makes of a step. */
function taken(world: World, step: LifecycleStep): World {
  return step.do === 'route' ? { ...world, inForce: world.wanted } : moved(world, step);
}

/** What may happen without a server's doing: loads end well or not, unloads end, a pause is over, something else is wanted. */
function events(world: World): readonly World[] {
  return [...ends(world), ...wishes.map((_, wanted) => ({ ...world, wanted }))];
}

describe('the life of three versions, every state of it that can be reached', () => {
  const start: World[] = wishes.map((_, wanted) => ({
    states: [undefined, undefined, undefined],
    wanted,
    inForce: undefined,
  }));
  const reached = new Map<string, World>();
  const moves: (readonly [World, World])[] = [];
  for (const open = [...start]; open.length > 0;) {
    const world = open.pop()!;
    const key = JSON.stringify(world);
    if (reached.has(key)) continue;
    reached.set(key, world);
    for (const next of [taken(world, nextStep(snapshot(world))), ...events(world)]) {
      moves.push([world, next]);
      open.push(next);
    }
  }
  const wrong = (holds: (world: World) => boolean): World | undefined =>
    [...reached.values()].find((one) => !holds(one));

  it('is many', () => expect(reached.size).toBeGreaterThan(3000));

  it('never routes a request to a version that is not available', () => {
    const ready = ({ inForce, states }: World): boolean =>
      inForce === undefined || routedVersions(wishes[inForce]!.routing).every((one) => states[one - 1] === 'available');
    expect(wrong(ready)).toBeUndefined();
  });

  it('goes forward only, and begins anew only at the end', () => {
    const order = (state: World['states'][number]): number =>
      state === undefined ? 0 : versionStates.indexOf(state === 'failed' ? 'end' : state);
    const backward = moves.find(([from, to]) =>
      from.states.some((state, index) => {
        const [before, after] = [order(state), order(to.states[index])];
        return after < before && before !== versionStates.indexOf('end');
      }),
    );
    expect(backward).toBeUndefined();
  });

  it('has something in force from the first time on', () => {
    expect(moves.find(([from, to]) => from.inForce !== undefined && to.inForce === undefined)).toBeUndefined();
  });

  it('comes to what is wanted, and to nothing else in memory, where loads end well', () => {
    const arrives = (begun: World): boolean => {
      let world = begun;
      for (let steps = 0; steps < 20; steps += 1) {
        const step = nextStep(snapshot(world));
        if (step.do === 'done') break;
        world = taken(settled(world, step), step);
      }
      const available = [1, 2, 3].filter((version) => world.states[version - 1] === 'available');
      const { versions, routing } = wishes[world.wanted]!;
      const inForce = wishes[world.inForce ?? NaN]?.routing;
      return JSON.stringify([inForce, available]) === JSON.stringify([routing, versions]);
    };
    expect(wrong(arrives)).toBeUndefined();
  });
});

describe('loadRetryMs', () => {
  it.each([
    { failures: 1, ms: 5000 },
    { failures: 2, ms: 10_000 },
    { failures: 6, ms: 160_000 },
    { failures: 7, ms: 300_000 },
    { failures: 2000, ms: 300_000 },
  ])('is $ms ms after $failures', ({ failures, ms }) => expect(loadRetryMs(failures)).toBe(ms));
});
