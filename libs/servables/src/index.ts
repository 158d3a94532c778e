export { loadRetryMs } from './lib/load-retry.ts';
export { routedVersions, versionStates } from './lib/lifecycle.ts';
export type {
  DeploymentWanted,
  LifecycleSnapshot,
  LifecycleStep,
  VersionState,
  VersionsWanted,
} from './lib/lifecycle.ts';
export { nextStep } from './lib/next-step.ts';
export { warmUpTolerance } from './lib/servable-manifest.ts';
export type { PersonalColumns, ServableManifest, WarmUp } from './lib/servable-manifest.ts';
export { routePoint, routeRequest, wholeTraffic } from './lib/route-request.ts';
export type { RouteChoice, Routing } from './lib/route-request.ts';
export { chosenVersions, folderVersion } from './lib/version-policy.ts';
export type { VersionPolicy } from './lib/version-policy.ts';
