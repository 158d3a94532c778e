export {
  ArtifactExists,
  ArtifactForbidden,
  ArtifactNotFound,
  ArtifactOutside,
  ArtifactTooLarge,
  ArtifactTooShort,
} from './lib/artifact-store.ts';
export type {
  ArtifactInfo,
  ArtifactRange,
  ArtifactStore,
  ListedArtifact,
  ListOptions,
  ReadOptions,
  RemoveOptions,
} from './lib/artifact-store.ts';
export { storeAnswers } from './lib/store-answers.ts';
export { childUri, pathBelow } from './lib/child-uri.ts';
export { createJson, createText, joinUri, readBytes, readJson, readText } from './lib/reading.ts';
