export { ArtifactExists, ArtifactForbidden, ArtifactNotFound } from './lib/artifact-store.ts';
export type { ArtifactInfo, ArtifactStore } from './lib/artifact-store.ts';
