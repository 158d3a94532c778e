import type { Routing } from './route-request.ts';

/** TensorFlow Serving's states of a version, in the only order in which it goes through them. One that is wanted again begins anew. */
export const versionStates = ['start', 'loading', 'available', 'unloading', 'end'] as const;
export type VersionState = (typeof versionStates)[number];

/** A model on one server as it is in a moment, and as it is to be. */
export interface LifecycleSnapshot {
  /** The versions that are or were here. */
  readonly versions: readonly {
    readonly version: number;
    readonly state: VersionState;
    /** Its load failed, and is not to be tried again yet. */
    readonly heldBack: boolean;
  }[];
  readonly wanted: { readonly versions: readonly number[]; readonly routing: Routing };
  /** What requests follow now. */
  readonly inForce: Routing | undefined;
}

/** What a server does next about a model. */
export type LifecycleStep =
  | { readonly do: 'load' | 'unload'; readonly version: number }
  /** Requests follow the wanted routing from now on. */
  | { readonly do: 'route' }
  /** The version is on its way to another state. */
  | { readonly do: 'wait'; readonly version: number }
  /** The version did not load: what is in force stays. */
  | { readonly do: 'stay'; readonly version: number }
  /** What is wanted contradicts itself: it is never brought about. */
  | { readonly do: 'refuse'; readonly reason: string }
  | { readonly do: 'done' };

/**
 * Loads come first, one at a time; requests follow the new routing once every version of it is available, and not before; what it
 * does not name is unloaded last. So a routing never names a version that is not available, and one that does not load changes
 * nothing.
 */
export function nextStep({ versions, wanted, inForce }: LifecycleSnapshot): LifecycleStep {
  const stray = strayOf(wanted);
  if (stray !== undefined) return { do: 'refuse', reason: stray };
  const here = new Map(versions.map((one) => [one.version, one]));
  const missing = wanted.versions.filter((version) => here.get(version)?.state !== 'available');
  const underWay = missing.find((version) => isUnderWay(here.get(version)?.state));
  if (underWay !== undefined) return { do: 'wait', version: underWay };
  const loadable = missing.find((version) => here.get(version)?.heldBack !== true);
  if (loadable !== undefined) return { do: 'load', version: loadable };
  const [failed] = missing;
  if (failed !== undefined) return { do: 'stay', version: failed };
  if (inForce === undefined || !sameRouting(inForce, wanted.routing)) return { do: 'route' };
  const left = versions.find(({ version, state }) => state === 'available' && !wanted.versions.includes(version));
  return left === undefined ? { do: 'done' } : { do: 'unload', version: left.version };
}

/** The versions that requests may be sent to by label or share. */
export function routedVersions({ labels, split }: Routing): readonly number[] {
  const shares = split.filter(({ basisPoints }) => basisPoints > 0);
  return [...new Set([...Object.values(labels), ...shares.map(({ version }) => version)])];
}

function isUnderWay(state: VersionState | undefined): boolean {
  return state === 'start' || state === 'loading' || state === 'unloading';
}

function strayOf({ versions, routing }: LifecycleSnapshot['wanted']): string | undefined {
  const stray = routedVersions(routing).find((version) => !versions.includes(version));
  if (stray === undefined) return undefined;
  const label = Object.entries(routing.labels).find(([, version]) => version === stray)?.[0];
  const what = label === undefined ? 'a share of the traffic goes' : `the label "${label}" points`;
  return `${what} to version ${stray}, which is none of the versions deployed (${versions.join(', ')})`;
}

function sameRouting(one: Routing, other: Routing): boolean {
  return textOf(one) === textOf(other);
}

function textOf({ labels, split }: Routing): string {
  const labelled = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([labelled, split.map(({ version, basisPoints }) => [version, basisPoints])]);
}
