export { GcsArtifactStore } from './lib/gcs-artifact-store.ts';
