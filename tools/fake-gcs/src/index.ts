export { installFakeGcs } from './install-fake-gcs.ts';
export { serveObjects } from './serve-objects.ts';
export type { ObjectServer, ServedObjects } from './serve-objects.ts';
export { startFakeGcs } from './start-fake-gcs.ts';
export type { FakeGcsOptions, RunningFakeGcs } from './start-fake-gcs.ts';
