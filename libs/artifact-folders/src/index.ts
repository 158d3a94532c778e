export { ArtifactFolder, digestOf, publishFolder } from './lib/artifact-folder.ts';
export { DamagedArtifact, fetchByManifest, fetchFolder, readRoot } from './lib/fetch-by-manifest.ts';
export type { ManifestFiles } from './lib/fetch-by-manifest.ts';
export { ownsArtifacts } from './lib/owns-artifacts.ts';
export { folderBytes, removeFolder } from './lib/remove-folder.ts';
export { downloadArtifact, fileDigest, uploadArtifact } from './lib/transfer.ts';
