import {
  type LifecycleSnapshot,
  type LifecycleStep,
  routedVersions,
  sameRouting,
  type VersionsWanted,
} from './lifecycle.ts';
import { type Routing, wholeTraffic } from './route-request.ts';

/**
 * Each version for itself, as TensorFlow Serving has it: the highest is loaded first, one at a time, and requests go to the highest that
 * is available. What is no longer wanted answers until something that is wanted does, and is unloaded last; where nothing is wanted all
 * goes. A label moves to its version when that is available, and stays where it points until then.
 */
export function followLatest({ versions, inForce }: LifecycleSnapshot, wanted: VersionsWanted): LifecycleStep {
  const here = new Map(versions.map((one) => [one.version, one]));
  const isAvailable = (version: number): boolean => here.get(version)?.state === 'available';
  const target = targetOf(wanted, isAvailable, inForce);
  if (!sameRouting(inForce, target)) return { do: 'route', routing: target };
  const missing = wanted.versions.filter((version) => !isAvailable(version)).sort((a, b) => b - a);
  const underWay = missing.find((version) =>
    ['start', 'loading', 'unloading'].includes(here.get(version)?.state ?? ''),
  );
  if (underWay !== undefined) return { do: 'wait', version: underWay };
  const loadable = missing.find((version) => here.get(version)?.heldBack !== true);
  if (loadable !== undefined) return { do: 'load', version: loadable };
  const kept = new Set([...wanted.versions, ...(target === undefined ? [] : routedVersions(target))]);
  const left = versions.find(({ version, state }) => state === 'available' && !kept.has(version));
  if (left !== undefined) return { do: 'unload', version: left.version };
  const [failed] = missing;
  return failed === undefined ? { do: 'done' } : { do: 'stay', version: failed };
}

function targetOf(
  { versions, labels }: VersionsWanted,
  isAvailable: (version: number) => boolean,
  inForce: Routing | undefined,
): Routing | undefined {
  if (versions.length === 0) return undefined;
  const ready = versions.filter(isAvailable);
  const version = ready.length === 0 ? inForce?.split[0]?.version : Math.max(...ready);
  if (version === undefined) return undefined;
  const pointed = Object.entries(labels).flatMap(([label, to]): [string, number][] => {
    if (!versions.includes(to)) return [];
    if (isAvailable(to)) return [[label, to]];
    const before = inForce !== undefined && Object.hasOwn(inForce.labels, label) ? inForce.labels[label] : undefined;
    return before === undefined ? [] : [[label, before]];
  });
  return { labels: Object.fromEntries(pointed), split: [{ version, basisPoints: wholeTraffic }] };
}
