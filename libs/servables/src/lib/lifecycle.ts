import type { Routing } from './route-request.ts';

/** TensorFlow Serving's states of a version, in the only order in which it goes through them. One that is wanted again begins anew. */
export const versionStates = ['start', 'loading', 'available', 'unloading', 'end'] as const;
export type VersionState = (typeof versionStates)[number];

/** A routing and the versions that it needs: all of it comes about, or nothing. */
export interface DeploymentWanted {
  readonly versions: readonly number[];
  readonly routing: Routing;
}

/** Versions, each for itself: requests follow the highest that is available. */
export interface VersionsWanted {
  readonly versions: readonly number[];
  /** A label whose version is none of them points nowhere. */
  readonly labels: Readonly<Record<string, number>>;
}

/** A model on one server as it is in a moment, and as it is to be. */
export interface LifecycleSnapshot {
  /** The versions that are or were here. */
  readonly versions: readonly {
    readonly version: number;
    readonly state: VersionState;
    /** Its load failed, and is not to be tried again yet. */
    readonly heldBack: boolean;
  }[];
  readonly wanted: DeploymentWanted | VersionsWanted;
  /** What requests follow now. */
  readonly inForce: Routing | undefined;
}

/** What a server does next about a model. */
export type LifecycleStep =
  | { readonly do: 'load' | 'unload'; readonly version: number }
  /** Requests follow this routing from now on; undefined: the model answers none. */
  | { readonly do: 'route'; readonly routing: Routing | undefined }
  /** The version is on its way to another state. */
  | { readonly do: 'wait'; readonly version: number }
  /** The version did not load: what is in force stays. */
  | { readonly do: 'stay'; readonly version: number }
  /** What is wanted contradicts itself: it is never brought about. */
  | { readonly do: 'refuse'; readonly reason: string }
  | { readonly do: 'done' };

/** The versions that requests may be sent to by label or share. */
export function routedVersions({ labels, split }: Routing): readonly number[] {
  const shares = split.filter(({ basisPoints }) => basisPoints > 0);
  return [...new Set([...Object.values(labels), ...shares.map(({ version }) => version)])];
}

/** Whether requests go the same ways; the order of labels says nothing. */
export function sameRouting(one: Routing | undefined, other: Routing | undefined): boolean {
  return textOf(one) === textOf(other);
}

function textOf(routing: Routing | undefined): string {
  if (routing === undefined) return '';
  const labelled = Object.entries(routing.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([labelled, routing.split.map(({ version, basisPoints }) => [version, basisPoints])]);
}
