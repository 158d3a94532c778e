import type { LifecycleSnapshot, LifecycleStep, VersionState } from './lifecycle.ts';

/** A version's state, `failed`: its load did, and it is held back; undefined: it was never here. For specs. */
export type State = VersionState | 'failed' | undefined;

/** Versions 1, 2, … with their states. */
export interface Versions {
  readonly states: readonly State[];
}

export function snapshotOf({ states }: Versions): LifecycleSnapshot['versions'] {
  return states.flatMap((state, index) =>
    state === undefined
      ? []
      : [{ version: index + 1, state: state === 'failed' ? 'end' : state, heldBack: state === 'failed' }],
  );
}

export function set<W extends Versions>(world: W, version: number, state: State): W {
  return { ...world, states: world.states.map((one, index) => (index + 1 === version ? state : one)) };
}

/** What a server makes of a step that loads or unloads. */
export function moved<W extends Versions>(world: W, step: LifecycleStep): W {
  if (step.do === 'load') return set(world, step.version, 'loading');
  return step.do === 'unload' ? set(world, step.version, 'unloading') : world;
}

/** What ends without a server's doing: loads well or not, unloads, and pauses after a failure. */
export function ends<W extends Versions>(world: W): readonly W[] {
  return world.states.flatMap((state, index) => {
    if (state === 'loading') return [set(world, index + 1, 'available'), set(world, index + 1, 'failed')];
    return state === 'unloading' || state === 'failed' ? [set(world, index + 1, 'end')] : [];
  });
}

/** The world after a step where every load ends well. */
export function settled<W extends Versions>(world: W, step: LifecycleStep): W {
  if (step.do === 'wait')
    return set(world, step.version, world.states[step.version - 1] === 'loading' ? 'available' : 'end');
  return step.do === 'stay' ? set(world, step.version, 'end') : moved(world, step);
}
