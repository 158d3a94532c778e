import { describe, expect, it } from 'vitest';
import { type LifecycleSnapshot, type LifecycleStep, routedVersions, versionStates } from './lifecycle.ts';
import { nextStep } from './next-step.ts';
import type { Routing } from './route-request.ts';
import { ends, moved, settled, snapshotOf, type State, type Versions } from './version-worlds.ts';

type Labels = Readonly<Record<string, number>>;

const to = (version: number, labels: Labels = {}): Routing => ({ labels, split: [{ version, basisPoints: 10_000 }] });
describe('nextStep where versions are wanted each for itself', () => {
  it.each<{
    why: string;
    states: State[];
    wanted: number[];
    labels?: Labels;
    inForce?: Routing;
    step: LifecycleStep;
  }>([
    { why: 'two are wanted', states: [], wanted: [1, 2], step: { do: 'load', version: 2 } },
    {
      why: 'the highest is there, and answers before the others load',
      states: [undefined, 'available'],
      wanted: [1, 2],
      step: { do: 'route', routing: to(2) },
    },
    {
      why: 'the others follow',
      states: [undefined, 'available'],
      wanted: [1, 2],
      inForce: to(2),
      step: { do: 'load', version: 1 },
    },
    { why: 'the highest failed', states: [undefined, 'failed'], wanted: [1, 2], step: { do: 'load', version: 1 } },
    {
      why: 'the highest failed, and another answers',
      states: ['available', 'failed'],
      wanted: [1, 2],
      inForce: to(1),
      step: { do: 'stay', version: 2 },
    },
    {
      why: 'the only one wanted failed, and the one before answers',
      states: ['available', 'failed'],
      wanted: [2],
      inForce: to(1),
      step: { do: 'stay', version: 2 },
    },
    {
      why: 'the next one loads',
      states: ['available', 'loading'],
      wanted: [2],
      inForce: to(1),
      step: { do: 'wait', version: 2 },
    },
    {
      why: 'the next one is there',
      states: ['available', 'available'],
      wanted: [2],
      inForce: to(1),
      step: { do: 'route', routing: to(2) },
    },
    {
      why: 'the next one answers',
      states: ['available', 'available'],
      wanted: [2],
      inForce: to(2),
      step: { do: 'unload', version: 1 },
    },
    {
      why: 'the files of the one that answers went, and a lower one is there',
      states: ['available', 'available'],
      wanted: [1],
      inForce: to(2),
      step: { do: 'route', routing: to(1) },
    },
    {
      why: 'all files went',
      states: ['available'],
      wanted: [],
      inForce: to(1),
      step: { do: 'route', routing: undefined },
    },
    {
      why: 'all files went, and nothing answers',
      states: ['available'],
      wanted: [],
      step: { do: 'unload', version: 1 },
    },
    { why: 'nothing is there or wanted', states: ['end'], wanted: [], step: { do: 'done' } },
    {
      why: "a label's version is there",
      states: ['available', 'available'],
      wanted: [1, 2],
      labels: { stable: 1 },
      inForce: to(2),
      step: { do: 'route', routing: to(2, { stable: 1 }) },
    },
    {
      why: "a label's next version loads",
      states: ['available', 'loading'],
      wanted: [2],
      labels: { stable: 2 },
      inForce: to(1, { stable: 1 }),
      step: { do: 'wait', version: 2 },
    },
    {
      why: "a label's next version failed",
      states: ['available', 'failed', 'available'],
      wanted: [2, 3],
      labels: { stable: 2 },
      inForce: to(3, { stable: 1 }),
      step: { do: 'stay', version: 2 },
    },
    {
      why: "a label's version is not wanted",
      states: ['available'],
      wanted: [1],
      labels: { stable: 7 },
      inForce: to(1),
      step: { do: 'done' },
    },
  ])('is $step.do where $why', ({ states, wanted, labels = {}, inForce, step }) => {
    expect(nextStep({ versions: snapshotOf({ states }), wanted: { versions: wanted, labels }, inForce })).toEqual(step);
  });
});

/** Versions 1 to 3, each never here, in a state, or held back; one of 15 things wanted; what requests follow. */
interface World extends Versions {
  readonly wish: number;
  readonly inForce: Routing | undefined;
}

/** Each set of versions, none too, without a label and with one at the lowest. */
const wishes = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((bits) => {
  const versions = [1, 2, 3].filter((version) => bits & (1 << (version - 1)));
  const [lowest] = versions;
  return [{ versions, labels: {} }, ...(lowest === undefined ? [] : [{ versions, labels: { stable: lowest } }])];
});
const snapshot = ({ states, wish, inForce }: World): LifecycleSnapshot => ({
  versions: snapshotOf({ states }),
  wanted: wishes[wish]!,
  inForce,
});
/** What a server makes of a step. */
function taken(world: World, step: LifecycleStep): World {
  return step.do === 'route' ? { ...world, inForce: step.routing } : moved(world, step);
}

/** What may happen without a server's doing: loads end well or not, unloads end, a pause is over, something else is wanted. */
function events(world: World): readonly World[] {
  return [...ends(world), ...wishes.map((_, wish) => ({ ...world, wish }))];
}

const order = (state: State): number =>
  state === undefined ? 0 : versionStates.indexOf(state === 'failed' ? 'end' : state);
const isReady = ({ states }: World, version: number): boolean => states[version - 1] === 'available';

/** What must hold of each step from one world to the next; the first that does not, with both. */
const laws: Readonly<Record<string, (from: World, to: World) => boolean>> = {
  'never routes a request to a version that is not available': (_, to) =>
    to.inForce === undefined || routedVersions(to.inForce).every((version) => isReady(to, version)),
  'goes forward only, and begins anew only at the end': (from, to) =>
    from.states.every((state, index) => order(to.states[index]) >= order(state) || order(state) === 4),
  'has something in force from the first time on, but where nothing is wanted': (from, to) =>
    from.inForce === undefined || to.inForce !== undefined || wishes[from.wish]!.versions.length === 0,
  'takes no label away from a version that is wanted for it': (from, to) => {
    const { labels, versions } = wishes[from.wish]! as { labels: Labels; versions: number[] };
    const wantedFor = labels['stable'];
    const had = from.inForce?.labels['stable'] !== undefined;
    return (
      wantedFor === undefined || !versions.includes(wantedFor) || !had || to.inForce?.labels['stable'] !== undefined
    );
  },
};

describe('the life of three versions of a folder, every state of it that can be reached', () => {
  const reached = new Map<string, World>();
  const broken = new Map<string, readonly [World, World]>();
  const open: World[] = wishes.map((_, wish) => ({
    states: [undefined, undefined, undefined],
    wish,
    inForce: undefined,
  }));
  for (let world = open.pop(); world !== undefined; world = open.pop()) {
    const { split: [share] = [], labels = {} } = world.inForce ?? {};
    const key = `${world.states.join()} ${world.wish} ${share?.version} ${(labels as Labels)['stable']}`;
    if (reached.has(key)) continue;
    reached.set(key, world);
    for (const next of [taken(world, nextStep(snapshot(world))), ...events(world)]) {
      for (const [law, holds] of Object.entries(laws)) if (!holds(world, next)) broken.set(law, [world, next]);
      open.push(next);
    }
  }

  it('is many', () => expect(reached.size).toBeGreaterThan(5000));

  it.each(Object.keys(laws))('%s', (law) => expect(broken.get(law)).toBeUndefined());

  it('comes to the highest that is wanted, and to nothing else in memory, where loads end well', () => {
    const arrives = (begun: World): boolean => {
      let world = begun;
      for (let steps = 0; steps < 24; steps += 1) {
        const step = nextStep(snapshot(world));
        if (step.do === 'done') break;
        world = taken(settled(world, step), step);
      }
      const { versions, labels } = wishes[world.wish]!;
      const wanted = versions.length === 0 ? undefined : to(Math.max(...versions), labels);
      const loaded = [1, 2, 3].filter((version) => isReady(world, version));
      return JSON.stringify([world.inForce, loaded]) === JSON.stringify([wanted, versions]);
    };
    expect([...reached.values()].find((world) => !arrives(world))).toBeUndefined();
  });
});
