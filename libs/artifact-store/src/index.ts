export { ArtifactExists, ArtifactForbidden, ArtifactNotFound } from './lib/artifact-store.ts';
export type { ArtifactInfo, ArtifactStore } from './lib/artifact-store.ts';
export { createJson, createText, joinUri, readBytes, readJson, readText } from './lib/reading.ts';
