export { openArtifactStore } from './lib/open-stores.ts';
