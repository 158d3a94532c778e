export { LocalArtifactStore } from './lib/local-artifact-store.ts';
