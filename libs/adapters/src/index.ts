export { openEventBus } from './lib/open-event-bus.ts';
export type { OpenEventBusOptions } from './lib/open-event-bus.ts';
export { jobsResource, openJobs } from './lib/open-jobs.ts';
export { openPlatform } from './lib/open-platform.ts';
export type { Platform } from './lib/open-platform.ts';
export {
  exampleEngines,
  exampleEngineUrl,
  openArtifactStore,
  openExampleEngine,
  openMetadata,
} from './lib/open-stores.ts';
export type { ExampleEngineOptions } from './lib/open-stores.ts';
