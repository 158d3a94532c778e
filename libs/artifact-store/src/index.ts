export {
  ArtifactExists,
  ArtifactForbidden,
  ArtifactNotFound,
  ArtifactOutside,
  ArtifactTooLarge,
} from './lib/artifact-store.ts';
export type { ArtifactInfo, ArtifactStore, ListOptions, ReadOptions } from './lib/artifact-store.ts';
export { childUri, pathBelow } from './lib/child-uri.ts';
export { createJson, createText, joinUri, readBytes, readJson, readText } from './lib/reading.ts';
