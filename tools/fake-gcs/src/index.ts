export { installFakeGcs } from './install-fake-gcs.ts';
export { startFakeGcs } from './start-fake-gcs.ts';
export type { FakeGcsOptions, RunningFakeGcs } from './start-fake-gcs.ts';
