import { followLatest } from './follow-latest.ts';
import {
  type DeploymentWanted,
  type LifecycleSnapshot,
  type LifecycleStep,
  routedVersions,
  sameRouting,
} from './lifecycle.ts';

/** What comes next, by what is wanted: a deployment as a whole, or versions each for itself. */
export function nextStep(snapshot: LifecycleSnapshot): LifecycleStep {
  const { wanted } = snapshot;
  return 'routing' in wanted ? bringAbout(snapshot, wanted) : followLatest(snapshot, wanted);
}

/**
 * Loads come first, one at a time; requests follow the new routing once every version of it is available, and not before; what it
 * does not name is unloaded last. So a routing never names a version that is not available, and one that does not load changes
 * nothing.
 */
function bringAbout({ versions, inForce }: LifecycleSnapshot, wanted: DeploymentWanted): LifecycleStep {
  const stray = strayOf(wanted);
  if (stray !== undefined) return { do: 'refuse', reason: stray };
  const here = new Map(versions.map((one) => [one.version, one]));
  const missing = wanted.versions.filter((version) => here.get(version)?.state !== 'available');
  const underWay = missing.find((version) =>
    ['start', 'loading', 'unloading'].includes(here.get(version)?.state ?? ''),
  );
  if (underWay !== undefined) return { do: 'wait', version: underWay };
  const loadable = missing.find((version) => here.get(version)?.heldBack !== true);
  if (loadable !== undefined) return { do: 'load', version: loadable };
  const [failed] = missing;
  if (failed !== undefined) return { do: 'stay', version: failed };
  if (!sameRouting(inForce, wanted.routing)) return { do: 'route', routing: wanted.routing };
  const left = versions.find(({ version, state }) => state === 'available' && !wanted.versions.includes(version));
  return left === undefined ? { do: 'done' } : { do: 'unload', version: left.version };
}

function strayOf({ versions, routing }: DeploymentWanted): string | undefined {
  const stray = routedVersions(routing).find((version) => !versions.includes(version));
  if (stray === undefined) return undefined;
  const label = Object.entries(routing.labels).find(([, version]) => version === stray)?.[0];
  const what = label === undefined ? 'a share of the traffic goes' : `the label "${label}" points`;
  return `${what} to version ${stray}, which is none of the versions deployed (${versions.join(', ')})`;
}
