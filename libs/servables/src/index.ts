export { loadRetryMs } from './lib/load-retry.ts';
export { nextStep, routedVersions, versionStates } from './lib/next-step.ts';
export type { LifecycleSnapshot, LifecycleStep, VersionState } from './lib/next-step.ts';
export { warmUpTolerance } from './lib/servable-manifest.ts';
export type { PersonalColumns, ServableManifest, WarmUp } from './lib/servable-manifest.ts';
export { routePoint, routeRequest, wholeTraffic } from './lib/route-request.ts';
export type { RouteChoice, Routing } from './lib/route-request.ts';
